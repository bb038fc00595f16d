package io.otp.application;

import io.otp.application.ApplicationInfo.Status;
import io.otp.process.Behaviour;
import io.otp.process.CallbackModule;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessSummary;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.supervisor.Heartbeat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows which applications are loaded and what they do, OTP's {@code application_controller}. It
 * runs no code of applications and waits for nobody: their masters do, and tell it. So it answers
 * while applications start and stop; who started or stopped one is answered when that is over.
 *
 * <p>Each field is confined to the process.
 */
final class ControllerProcess extends Behaviour {

  private static final CallbackModule MODULE =
      CallbackModule.of("application_controller", "application_controller");

  private final Environment environment;
  private final Consumer<List<ApplicationInfo>> published;
  private final Consumer<NodeEnd.Cause> nodeEnd;

  private final LoadedApplications loaded;
  private final ConfigRounds rounds;
  private boolean stoppingAll;
  private boolean nodeEnds;

  /**
   * @param published gets the applications whenever one has changed, before anybody is told
   * @param nodeEnd told once that an application takes the node down; must not block
   */
  ControllerProcess(
      Environment environment,
      Consumer<List<ApplicationInfo>> published,
      Consumer<NodeEnd.Cause> nodeEnd) {
    this.environment = environment;
    this.published = published;
    this.loaded = new LoadedApplications();
    this.rounds = new ConfigRounds(environment);
    this.nodeEnd = nodeEnd;
  }

  @Override
  protected CallbackModule module() {
    return MODULE;
  }

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    self.trapExits(true);
    self.label("application_controller");
    return null;
  }

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    return null;
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    switch ((ControllerMessage) request.message()) {
      case ControllerMessage.Load(var spec) -> load(spec, request);
      case ControllerMessage.Unload(var name) -> unload(name, request);
      case ControllerMessage.Start(var name, var type) -> start(name, type, request, self);
      case ControllerMessage.Stop(var name, var whenStarted) ->
          stop(name, whenStarted, request, self);
      case ControllerMessage.Kill(var name) -> kill(name, request, self);
      case ControllerMessage.BeginStopAll _ -> {
        stoppingAll = true;
        request.reply(loaded.toStop());
      }
      case ControllerMessage.EndStopAll _ -> {
        stoppingAll = false;
        nodeEnds = false;
        request.reply(true);
      }
      case ControllerMessage.Configure m -> rounds.begin(m, request, loaded.all(), self);
    }
    return null;
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    switch (info) {
      case Info.Message(ControllerMessage.Running(var master, var supervisor)) -> {
        LoadedApplication entry = loaded.ofMaster(master);
        if (entry != null) { // the code of a killed master may go on for a while
          running(entry, supervisor, self);
        }
      }
      case Info.Message(ControllerMessage.NotRunning(var master, var failure)) -> {
        LoadedApplication entry = loaded.ofMaster(master);
        if (entry != null) {
          entry.failure = failure;
        }
      }
      case Info.Message(ControllerMessage.Ended(var master, var reason)) -> {
        LoadedApplication entry = loaded.ofMaster(master);
        if (entry != null) {
          entry.end = reason;
        }
      }
      case Info.Message(ControllerMessage.Changed(var master, var round, var failure)) ->
          rounds.told(round, master, failure);
      case Exit(var from, var reason) -> {
        LoadedApplication entry = loaded.ofMaster(from);
        if (entry != null) {
          ended(entry, from, reason, self);
        }
      }
      default -> {} // nothing else is meant for it
    }
    return null;
  }

  @Override
  protected @Nullable Object status() {
    return loaded.all().size() + " applications loaded, " + loaded.running() + " run";
  }

  // --- load

  private void load(ApplicationSpec spec, Request request) {
    ApplicationError error = loaded.add(spec);
    if (error == null) {
      environment.load(spec);
      publish();
    }
    request.reply(Optional.ofNullable(error));
  }

  private void unload(String name, Request request) {
    LoadedApplication entry = loaded.get(name);
    if (entry == null) {
      request.reply(Optional.of(new ApplicationError.NotLoaded(name, name)));
      return;
    }
    switch (entry.status) {
      case STARTING, RUNNING -> request.reply(Optional.of(new ApplicationError.Running(name)));
      case STOPPING -> entry.later.add(request);
      case LOADED, STOPPED -> {
        loaded.remove(name);
        environment.unload(name);
        publish();
        request.reply(Optional.empty());
      }
    }
  }

  private void publish() {
    published.accept(loaded.infos());
  }

  // --- start

  private void start(String name, ApplicationType type, Request request, Self<Object> self) {
    LoadedApplication entry = loaded.get(name);
    ApplicationError error = entry == null ? new ApplicationError.NotLoaded(name, name) : null;
    if (entry != null) {
      switch (entry.status) {
        case STARTING -> entry.waiting.add(request);
        case STOPPING -> entry.later.add(request);
        case RUNNING -> error = new ApplicationError.AlreadyStarted(name);
        case LOADED, STOPPED -> {
          error = stoppingAll ? new ApplicationError.NodeStops(name) : loaded.whyNot(entry.spec);
          if (error == null) {
            entry.type = type;
            entry.waiting.add(request);
            begin(entry, self);
          }
        }
      }
    }
    if (error != null) {
      request.reply(Optional.of(error));
    }
  }

  private void begin(LoadedApplication entry, Self<Object> self) {
    entry.begin();
    ApplicationModule<?, ?> module = entry.spec.module();
    if (module == null) {
      running(entry, null, self);
      return;
    }
    List<ApplicationSpec> included = loaded.includedBy(entry.spec);
    Pid master =
        self.spawn(
                new MasterProcess(entry.spec, module, included, self.pid()),
                SpawnOptions.LINK.withApplication(entry.name()))
            .pid();
    entry.master = master;
    loaded.began(entry, master);
    publish();
  }

  private void running(LoadedApplication entry, @Nullable Pid supervisor, Self<Object> self) {
    entry.status = Status.RUNNING;
    entry.supervisor = supervisor;
    entry.startedAt = self.runtime().clock().instant();
    loaded.runs(entry);
    publish();
    self.runtime()
        .report(
            new ApplicationProgressReport(
                supervisor == null ? self.pid() : supervisor, entry.name(), entry.type()));
    entry.answer(Optional.empty());
    goOn(entry, self);
  }

  // --- stop

  private void stop(String name, boolean whenStarted, Request request, Self<Object> self) {
    LoadedApplication entry = loaded.get(name);
    if (entry != null && entry.status == Status.STARTING && whenStarted) {
      entry.later.add(request);
    } else if (entry != null && entry.status == Status.STOPPING) {
      entry.waiting.add(request);
    } else if (entry == null || entry.status != Status.RUNNING) {
      request.reply(
          new ControllerMessage.Stopped(new ApplicationError.NotStarted(name, name), List.of()));
    } else {
      entry.status = Status.STOPPING;
      publish();
      entry.waiting.add(request);
      if (entry.master == null) {
        stopped(entry, List.of(), self);
      } else {
        self.runtime().signal(entry.master, new ControllerMessage.StopNow());
      }
    }
  }

  private void kill(String name, Request request, Self<Object> self) {
    LoadedApplication entry = loaded.get(name);
    if (entry == null || entry.master == null) {
      request.reply(List.of());
      return;
    }
    entry.killed = kill(entry, self);
    entry.killer = request; // answered when its master is gone
  }

  /**
   * Kills all that belongs to an application; what is left of it, without its master. What watches
   * a child is told of its end when its supervisor is, and goes by itself: nobody left it behind.
   */
  private static List<ProcessSummary> kill(LoadedApplication entry, Self<Object> self) {
    return self.runtime().killApplication(entry.name()).stream()
        .filter(process -> process.pid() != entry.master)
        .filter(process -> !process.behaviour().equals(Heartbeat.BEHAVIOUR))
        .toList();
  }

  /** The master has ended, whyever. */
  private void ended(LoadedApplication entry, Pid master, ExitReason exit, Self<Object> self) {
    loaded.ended(master);
    rounds.ended(master);
    List<ProcessSummary> left = kill(entry, self);
    entry.master = null;
    Status was = entry.status;
    if (was == Status.STOPPING) {
      stopped(entry, left, self);
      return;
    }
    entry.status = Status.STOPPED;
    loaded.runsNot(entry);
    if (was == Status.STARTING) {
      ApplicationError.StartFailed failure =
          entry.failure != null
              ? entry.failure
              : new ApplicationError.StartFailed(entry.name(), "its application master", exit);
      entry.ended = failure.reason();
      publish();
      entry.answer(Optional.of(failure));
      endedByItself(entry, master, failure.reason(), true, self);
    } else {
      entry.ended = entry.end != null ? entry.end : exit;
      publish();
      Pid supervisor = entry.supervisor;
      endedByItself(entry, supervisor == null ? master : supervisor, entry.ended, false, self);
    }
    entry.answerKiller();
    goOn(entry, self);
  }

  private void stopped(LoadedApplication entry, List<ProcessSummary> left, Self<Object> self) {
    entry.status = Status.STOPPED;
    loaded.runsNot(entry);
    publish();
    entry.answer(new ControllerMessage.Stopped(null, left));
    entry.answerKiller();
    goOn(entry, self);
  }

  private void endedByItself(
      LoadedApplication entry, Pid pid, ExitReason reason, boolean atStart, Self<Object> self) {
    if (stoppingAll || nodeEnds) {
      return;
    }
    boolean takesNodeDown = entry.takesNodeDown(reason);
    nodeEnds = takesNodeDown;
    self.runtime()
        .report(new ApplicationExitReport(pid, entry.name(), entry.type(), reason, takesNodeDown));
    if (takesNodeDown) {
      nodeEnd.accept(new NodeEnd.Cause(entry.name(), reason, atStart));
    }
  }

  /** Does what had to wait for the start or stop that is over now. */
  private void goOn(LoadedApplication entry, Self<Object> self) {
    List<Request> later = List.copyOf(entry.later);
    entry.later.clear();
    later.forEach(request -> onCall(request, self));
  }
}
