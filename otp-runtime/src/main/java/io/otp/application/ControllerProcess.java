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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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

  /** A loaded application. */
  private static final class Entry {
    final ApplicationSpec spec;
    Status status = Status.LOADED;
    @Nullable ApplicationType type;
    @Nullable Pid master;
    @Nullable Pid supervisor;
    @Nullable Instant startedAt;
    @Nullable ExitReason ended;

    /** What its master said before it ended. */
    ApplicationError.@Nullable StartFailed failure;

    @Nullable ExitReason end;

    /** Who waits for the start or stop that is going on. */
    final List<Request> waiting = new ArrayList<>();

    /** What is to be done when that is over. */
    final List<Request> later = new ArrayList<>();

    @Nullable Request killer;
    List<ProcessSummary> killed = List.of();

    Entry(ApplicationSpec spec) {
      this.spec = spec;
    }

    String name() {
      return spec.name();
    }

    ApplicationType type() {
      return Objects.requireNonNull(type);
    }

    ApplicationInfo info() {
      return new ApplicationInfo(spec, status, type, supervisor, startedAt, ended);
    }
  }

  /** Masters that are telling their applications of a new configuration. */
  private static final class Round {
    final Request request;
    final Map<Pid, String> untold = new HashMap<>();
    final Map<String, ExitReason> failures = new LinkedHashMap<>();

    Round(Request request) {
      this.request = request;
    }
  }

  private final Environment environment;
  private final Consumer<List<ApplicationInfo>> published;
  private final Consumer<NodeEnd.Cause> nodeEnd;

  private final Map<String, Entry> loaded = new LinkedHashMap<>();
  private final Map<Pid, Entry> masters = new HashMap<>();

  /** Those that run, in the order in which they were started. */
  private final Map<String, Entry> started = new LinkedHashMap<>();

  private final Map<Long, Round> rounds = new HashMap<>();
  private long lastRound;
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
      case ControllerMessage.Load(var spec) -> request.reply(Optional.ofNullable(load(spec)));
      case ControllerMessage.Unload(var name) -> unload(name, request);
      case ControllerMessage.Start(var name, var type) -> start(name, type, request, self);
      case ControllerMessage.Stop(var name, var whenStarted) ->
          stop(name, whenStarted, request, self);
      case ControllerMessage.Kill(var name) -> kill(name, request, self);
      case ControllerMessage.BeginStopAll _ -> {
        stoppingAll = true;
        request.reply(toStop());
      }
      case ControllerMessage.EndStopAll _ -> {
        stoppingAll = false;
        nodeEnds = false;
        request.reply(true);
      }
      case ControllerMessage.Configure m -> configure(m, request, self);
    }
    return null;
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    switch (info) {
      case Info.Message(ControllerMessage.Running(var master, var supervisor)) -> {
        Entry entry = masters.get(master);
        if (entry != null) { // the code of a killed master may go on for a while
          running(entry, supervisor, self);
        }
      }
      case Info.Message(ControllerMessage.NotRunning(var master, var failure)) -> {
        Entry entry = masters.get(master);
        if (entry != null) {
          entry.failure = failure;
        }
      }
      case Info.Message(ControllerMessage.Ended(var master, var reason)) -> {
        Entry entry = masters.get(master);
        if (entry != null) {
          entry.end = reason;
        }
      }
      case Info.Message(ControllerMessage.Changed(var master, var round, var failure)) ->
          told(round, master, failure);
      case Exit(var from, var reason) -> {
        Entry entry = masters.get(from);
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
    return loaded.size() + " applications loaded, " + started.size() + " run";
  }

  // --- load

  private @Nullable ApplicationError load(ApplicationSpec spec) {
    if (loaded.containsKey(spec.name())) {
      return new ApplicationError.AlreadyLoaded(spec.name());
    }
    for (String included : spec.includedApplications()) {
      if (!loaded.containsKey(included)) {
        return new ApplicationError.NotLoaded(spec.name(), included);
      }
      for (Entry other : loaded.values()) {
        if (other.spec.includedApplications().contains(included)) {
          return new ApplicationError.AlreadyIncluded(spec.name(), included, other.name());
        }
      }
    }
    loaded.put(spec.name(), new Entry(spec));
    environment.load(spec);
    publish();
    return null;
  }

  private void unload(String name, Request request) {
    Entry entry = loaded.get(name);
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

  /** In the order in which they were started, then those that were not. */
  private void publish() {
    Set<Entry> entries = new LinkedHashSet<>(started.values());
    entries.addAll(loaded.values());
    published.accept(entries.stream().map(Entry::info).toList());
  }

  // --- start

  private void start(String name, ApplicationType type, Request request, Self<Object> self) {
    Entry entry = loaded.get(name);
    ApplicationError error = entry == null ? new ApplicationError.NotLoaded(name, name) : null;
    if (entry != null) {
      switch (entry.status) {
        case STARTING -> entry.waiting.add(request);
        case STOPPING -> entry.later.add(request);
        case RUNNING -> error = new ApplicationError.AlreadyStarted(name);
        case LOADED, STOPPED -> {
          error = whyNot(entry.spec);
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

  private @Nullable ApplicationError whyNot(ApplicationSpec spec) {
    if (stoppingAll) {
      return new ApplicationError.NodeStops(spec.name());
    }
    for (String dependency : spec.applications()) {
      Entry entry = started.get(dependency);
      if (entry == null || entry.status != Status.RUNNING) {
        return new ApplicationError.NotStarted(spec.name(), dependency);
      }
    }
    for (String included : spec.includedApplications()) {
      if (!loaded.containsKey(included)) {
        return new ApplicationError.NotLoaded(spec.name(), included);
      }
    }
    return null;
  }

  private void begin(Entry entry, Self<Object> self) {
    entry.status = Status.STARTING;
    entry.ended = null;
    entry.failure = null;
    entry.end = null;
    entry.supervisor = null;
    ApplicationModule<?, ?> module = entry.spec.module();
    if (module == null) {
      running(entry, null, self);
      return;
    }
    var included = new ArrayList<ApplicationSpec>();
    addIncluded(entry.spec, included);
    Pid master =
        self.spawn(
                new MasterProcess(entry.spec, module, included, self.pid()),
                SpawnOptions.LINK.withApplication(entry.name()))
            .pid();
    entry.master = master;
    masters.put(master, entry);
    publish();
  }

  private void addIncluded(ApplicationSpec spec, List<ApplicationSpec> found) {
    for (String included : spec.includedApplications()) {
      Entry entry = loaded.get(included);
      if (entry != null && !found.contains(entry.spec)) {
        found.add(entry.spec);
        addIncluded(entry.spec, found);
      }
    }
  }

  private void running(Entry entry, @Nullable Pid supervisor, Self<Object> self) {
    entry.status = Status.RUNNING;
    entry.supervisor = supervisor;
    entry.startedAt = self.runtime().clock().instant();
    started.put(entry.name(), entry);
    publish();
    self.runtime()
        .report(
            new ApplicationProgressReport(
                supervisor == null ? self.pid() : supervisor, entry.name(), entry.type()));
    answer(entry, Optional.empty());
    goOn(entry, self);
  }

  // --- stop

  private void stop(String name, boolean whenStarted, Request request, Self<Object> self) {
    Entry entry = loaded.get(name);
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
    Entry entry = loaded.get(name);
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
  private static List<ProcessSummary> kill(Entry entry, Self<Object> self) {
    return self.runtime().killApplication(entry.name()).stream()
        .filter(process -> process.pid() != entry.master)
        .filter(process -> !process.behaviour().equals("heartbeat"))
        .toList();
  }

  /** What runs or begins to, the one started last first. */
  private List<String> toStop() {
    var names = new ArrayList<>(started.keySet());
    loaded.values().stream()
        .filter(entry -> entry.status == Status.STARTING)
        .map(Entry::name)
        .forEach(names::add);
    return List.copyOf(names.reversed());
  }

  /** The master has ended, whyever. */
  private void ended(Entry entry, Pid master, ExitReason exit, Self<Object> self) {
    masters.remove(master);
    List.copyOf(rounds.keySet()).forEach(round -> told(round, master, null));
    List<ProcessSummary> left = kill(entry, self);
    entry.master = null;
    Status was = entry.status;
    if (was == Status.STOPPING) {
      stopped(entry, left, self);
      return;
    }
    entry.status = Status.STOPPED;
    started.remove(entry.name());
    if (was == Status.STARTING) {
      ApplicationError.StartFailed failure =
          entry.failure != null
              ? entry.failure
              : new ApplicationError.StartFailed(entry.name(), "its application master", exit);
      entry.ended = failure.reason();
      publish();
      answer(entry, Optional.of(failure));
      endedByItself(entry, master, failure.reason(), true, self);
    } else {
      entry.ended = entry.end != null ? entry.end : exit;
      publish();
      Pid supervisor = entry.supervisor;
      endedByItself(entry, supervisor == null ? master : supervisor, entry.ended, false, self);
    }
    if (entry.killer != null) {
      answerKiller(entry);
    }
    goOn(entry, self);
  }

  private void stopped(Entry entry, List<ProcessSummary> left, Self<Object> self) {
    entry.status = Status.STOPPED;
    started.remove(entry.name());
    publish();
    answer(entry, new ControllerMessage.Stopped(null, left));
    if (entry.killer != null) {
      answerKiller(entry);
    }
    goOn(entry, self);
  }

  private static void answerKiller(Entry entry) {
    Objects.requireNonNull(entry.killer).reply(entry.killed);
    entry.killer = null;
    entry.killed = List.of();
  }

  /** The type rule: does it take the node down? */
  private void endedByItself(
      Entry entry, Pid pid, ExitReason reason, boolean atStart, Self<Object> self) {
    if (stoppingAll || nodeEnds) {
      return;
    }
    boolean takesNodeDown =
        switch (entry.type()) {
          case PERMANENT -> true;
          case TRANSIENT -> !(reason instanceof ExitReason.Normal);
          case TEMPORARY -> false;
        };
    nodeEnds = takesNodeDown;
    self.runtime()
        .report(new ApplicationExitReport(pid, entry.name(), entry.type(), reason, takesNodeDown));
    if (takesNodeDown) {
      nodeEnd.accept(new NodeEnd.Cause(entry.name(), reason, atStart));
    }
  }

  private static void answer(Entry entry, Object answer) {
    List<Request> waiting = List.copyOf(entry.waiting);
    entry.waiting.clear();
    waiting.forEach(request -> request.reply(answer));
  }

  /** Does what had to wait for the start or stop that is over now. */
  private void goOn(Entry entry, Self<Object> self) {
    List<Request> later = List.copyOf(entry.later);
    entry.later.clear();
    later.forEach(request -> onCall(request, self));
  }

  // --- configuration

  private void configure(ControllerMessage.Configure message, Request request, Self<Object> self) {
    var before = new HashMap<String, Map<String, Object>>();
    loaded.keySet().forEach(name -> before.put(name, environment.all(name)));
    environment.configure(message.files(), message.commandLine());
    var round = new Round(request);
    long number = ++lastRound;
    for (Entry entry : loaded.values()) {
      environment.reload(entry.spec);
      ConfigChange change =
          ConfigChange.of(
              before.getOrDefault(entry.name(), Map.of()), environment.all(entry.name()));
      if (entry.status == Status.RUNNING && entry.master != null && !change.isEmpty()) {
        round.untold.put(entry.master, entry.name());
        self.runtime().signal(entry.master, new ControllerMessage.Change(change, number));
      }
    }
    rounds.put(number, round);
    finish(number, round);
  }

  private void told(long number, Pid master, @Nullable ExitReason failure) {
    Round round = rounds.get(number);
    String application = round == null ? null : round.untold.remove(master);
    if (round == null || application == null) {
      return;
    }
    if (failure != null) {
      round.failures.put(application, failure);
    }
    finish(number, round);
  }

  private void finish(long number, Round round) {
    if (round.untold.isEmpty()) {
      rounds.remove(number);
      round.request.reply(Map.copyOf(round.failures));
    }
  }
}
