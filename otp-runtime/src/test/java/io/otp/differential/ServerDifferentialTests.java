package io.otp.differential;

import static io.otp.differential.Trace.LIMIT;
import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;
import static io.otp.process.ExitReason.KILL;
import static io.otp.process.ExitReason.KILLED;
import static io.otp.process.ExitReason.NORMAL;
import static io.otp.process.ExitReason.SHUTDOWN;
import static io.otp.server.Next.continueWith;
import static io.otp.server.Next.hibernate;
import static io.otp.server.Next.noreply;
import static io.otp.server.Next.reply;
import static io.otp.server.Next.stop;
import static io.otp.server.Next.timeout;

import io.otp.Rule;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.process.SysException;
import io.otp.process.TimerExpired;
import io.otp.server.ArgsGenServer;
import io.otp.server.BadReturnValue;
import io.otp.server.GenServers;
import io.otp.server.GenServers.Replies;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.RequestId;
import io.otp.server.RequestId.Answer;
import io.otp.server.RequestIds;
import io.otp.server.RequestIds.Outcome;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.server.StopException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Servers as Erlang's: {@code diff_server.erl}. */
class ServerDifferentialTests extends DifferentialTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final ExitReason SURVIVED = ExitReason.other("survived");
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  @TestFactory
  @Rule({
    "2.01", "2.02", "2.04", "2.05", "2.07", "2.08", "2.09", "2.10", "2.11", "2.20", "2.21", "2.22",
    "2.23", "2.24", "2.25", "2.26", "2.27", "2.28", "2.29", "2.30", "2.31", "2.32", "2.33", "2.34",
    "2.35", "2.40", "2.41", "2.42", "2.43", "2.44", "2.47", "2.50", "2.51", "2.52", "2.53", "2.55",
    "2.61", "7.02", "7.03", "7.04", "7.05"
  })
  Stream<DynamicTest> serversDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "server";
  }

  // --- the server

  private sealed interface Message {}

  private interface Step {
    Next<Object> run(Object state, Self<Message> self) throws Exception;
  }

  private interface Handler {
    Next<Object> run(Ask ask, Object state, Self<Message> self) throws Exception;
  }

  private interface Start {
    Object init(Self<Message> self) throws Exception;
  }

  @Immutable
  private record Do(Step step) implements Message, Cast<Message> {}

  @Immutable
  private record Ask(Handler handler) implements Message, Call<Message, Object> {}

  /** A plain message: code for {@code handleInfo}. */
  @Immutable
  private record DoInfo(Step step) {}

  /** A state: code for {@code terminate}. */
  @Immutable
  private record AtEnd(Consumer<Self<Message>> action) {}

  private record Get() implements Message, Call<Message, Object> {}

  private record Ignore() implements Message, Call<Message, Object> {}

  private record Tell(Object what) implements Message, Cast<Message> {}

  /** Does what it is sent, and tells what happens to it. */
  private static class Server implements ArgsGenServer<Start, Message, Object> {

    private final Trace trace;
    private final Next.@Nullable Action begin;

    Server(Trace trace) {
      this(trace, null);
    }

    Server(Trace trace, Next.@Nullable Action begin) {
      this.trace = trace;
      this.begin = begin;
    }

    @Override
    public Object init(Start start, Self<Message> self) throws Exception {
      return start.init(self);
    }

    @Override
    public Next<Object> started(Object state, Self<Message> self) {
      return begin == null ? noreply(state) : noreply(state, begin);
    }

    @Override
    public Next<Object> handle(Message message, Object state, Self<Message> self) throws Exception {
      return switch (message) {
        case Do(var step) -> step.run(state, self);
        case Ask ask -> ask.handler().run(ask, state, self);
        case Get get -> reply(get, state, state);
        case Ignore _ -> noreply(state);
        case Tell(var what) -> {
          trace.ev(tuple("cast", what));
          yield noreply(state);
        }
      };
    }

    @Override
    public Next<Object> handleInfo(Info info, Object state, Self<Message> self) throws Exception {
      if (info instanceof Info.Message(DoInfo(var step))) {
        return step.run(state, self);
      }
      trace.ev(tuple("info", shown(info)));
      return noreply(state);
    }

    private static Object shown(Info info) {
      return switch (info) {
        case Info.Message(var value) -> value;
        case Info.Timeout _ -> "timeout";
        case Down(_, _, var reason) -> tuple("DOWN", reason);
        case Exit(_, var reason) -> tuple("EXIT", reason);
        case TimerExpired(_, var message) -> tuple("timeout", message);
        default -> info;
      };
    }

    @Override
    public Next<Object> handleContinue(Object continuation, Object state, Self<Message> self)
        throws Exception {
      if (continuation instanceof Step step) {
        return step.run(state, self);
      }
      trace.ev(tuple("continue", continuation));
      return noreply(state);
    }

    @Override
    public void terminate(ExitReason reason, Object state, Self<Message> self) {
      trace.ev(tuple("terminate", r(reason), state instanceof AtEnd ? "at_end" : state));
      if (state instanceof AtEnd(var action)) {
        action.accept(self);
      }
    }

    @Override
    public Object codeChange(
        String oldVersion, Object state, @Nullable Object extra, Self<Message> self) {
      trace.ev(tuple("code_change", oldVersion, state));
      if ("fail".equals(extra)) {
        throw new IllegalStateException("fail");
      }
      return tuple("changed", state, extra);
    }
  }

  private static Object r(ExitReason reason) {
    return reason instanceof ExitReason.Other(BadReturnValue _) ? "bad_return_value" : reason;
  }

  private static ServerRef<Message> start(Self<?> self, Trace trace, Object state) {
    return start(self, trace, s -> state, StartOptions.NONE);
  }

  private static ServerRef<Message> start(
      Self<?> self, Trace trace, Start start, StartOptions options) {
    return ref(self, pidOf(GenServers.start(self, new Server(trace), start, options)));
  }

  private static ServerRef<Message> startTrapping(Self<?> self, Trace trace, Object state) {
    return start(self, trace, trapping(state), StartOptions.NONE);
  }

  private static Start trapping(Object state) {
    return self -> {
      self.trapExits(true);
      return state;
    };
  }

  private static ServerRef<Message> ref(Self<?> self, Pid pid) {
    return ServerRef.of(self.runtime(), pid);
  }

  private static ServerRef<Message> ref(Self<?> self, String name) {
    return ServerRef.of(self.runtime(), name);
  }

  private static Pid pidOf(StartResult result) {
    if (result instanceof StartResult.Started(var pid, _)) {
      return pid;
    }
    throw new AssertionError("not started: " + result);
  }

  private static Pid pidOf(ServerRef<?> ref) {
    return ref.whereis().orElseThrow();
  }

  /** What start returns. */
  private static Object started(StartResult result) {
    return switch (result) {
      case StartResult.Started _ -> "ok";
      case StartResult.Ignored _ -> "ignore";
      case StartResult.AlreadyStarted _ -> "already_started";
      case StartResult.Failed(var reason) -> tuple("error", r(reason));
    };
  }

  private static Object started(GenServers.Monitored monitored) {
    return monitored.monitor() != null ? "monitored" : started(monitored.result());
  }

  /** What a call comes to. */
  private static Object c(Supplier<Object> action) {
    try {
      return action.get();
    } catch (CallException e) {
      return tuple("exit", tuple("call", r(e.cause())));
    } catch (ProcessExit e) {
      return tuple("exit", r(e.reason()));
    }
  }

  private static Object call(ServerRef<Message> ref, Handler handler) {
    return c(() -> ref.call(new Ask(handler)));
  }

  private static Object call(ServerRef<Message> ref, Call<Message, Object> request, Duration time) {
    return c(() -> ref.call(request, time));
  }

  /** The reason a process ends with that runs {@code body}. */
  private static Object endOf(Self<Object> self, Consumer<Self<Object>> body) {
    Ref monitor = self.spawnMonitor(body).ref();
    return self.<Object>receive(
            LIMIT,
            m ->
                m instanceof Down d && d.ref() == monitor
                    ? Receive.take(r(d.reason()))
                    : Receive.skip())
        .orElseThrow();
  }

  private static Object go(Self<?> self) {
    return self.<Object>receive(LIMIT, m -> m.equals("go") ? Receive.take(m) : Receive.skip())
        .orElseThrow();
  }

  private static Next<Object> exits(ExitReason reason) {
    throw new ProcessExit(reason);
  }

  private static Next<Object> crashes() {
    throw new IllegalStateException("boom");
  }

  private static ServerRef<Message> dead(Self<Object> self) {
    Pid pid = self.spawn(s -> {});
    ended(self, pid);
    return ref(self, pid);
  }

  private static Object whereis(Self<?> self, String name) {
    Optional<Pid> pid = self.runtime().whereis(name);
    return pid.isPresent() ? pid.get() : "undefined";
  }

  /** Waits for the end of a server with a name, so that the next scenario's may have it. */
  private static void stopNamed(Self<?> self, String name) {
    GenServers.stop(ref(self, name));
  }

  @Override
  void scenarios() {
    starting();
    calling();
    casting();
    requesting();
    looping();
    ending();
    system();
  }

  // --- start

  private record Beginning(Start start, Next.@Nullable Action begin) {}

  private static Beginning init(Start start) {
    return new Beginning(start, null);
  }

  private static List<Beginning> inits() {
    return List.of(
        init(self -> "s"),
        init(
            self -> {
              throw Init.ignore();
            }),
        init(
            self -> {
              throw Init.stop(BOOM);
            }),
        init(
            self -> {
              throw Init.stop(NORMAL);
            }),
        init(
            self -> {
              throw Init.stop(SHUTDOWN);
            }),
        init(self -> exits(BOOM)),
        init(self -> crashes()),
        new Beginning(self -> "s", timeout(Duration.ofSeconds(100))),
        new Beginning(self -> "s", hibernate()));
  }

  private void starting() {
    scenario(
        "init_results",
        (self, trace) -> {
          for (Beginning b : inits()) {
            trace.ev(
                started(
                    GenServers.start(
                        self, new Server(trace, b.begin), b.start, StartOptions.NONE)));
          }
          for (Beginning b : inits().subList(0, 7)) {
            trace.ev(
                started(
                    GenServers.startMonitor(
                        self, new Server(trace, b.begin), b.start, StartOptions.NONE)));
          }
          trace.ev(flush(self));
        });
    scenario(
        "init_results_linked",
        (self, trace) -> {
          self.trapExits(true);
          for (Beginning b : inits()) {
            trace.ev(
                started(
                    GenServers.startLink(
                        self, new Server(trace, b.begin), b.start, StartOptions.NONE)));
          }
        });
    scenario(
        "init_failure_and_starter",
        (self, trace) -> {
          for (Beginning b : inits().subList(1, 7)) {
            trace.ev(
                endOf(
                    self,
                    inner -> {
                      GenServers.startLink(inner, new Server(trace), b.start, StartOptions.NONE);
                      inner.sleep(SHORT);
                      exits(SURVIVED);
                    }));
          }
        });
    scenario(
        "init_timeout",
        (self, trace) -> {
          Pid me = self.pid();
          trace.ev(
              endOf(
                  self,
                  inner -> {
                    StartResult result =
                        GenServers.startLink(
                            inner,
                            new Server(trace),
                            child -> {
                              child.send(me, child.pid());
                              child.sleep(LIMIT);
                              return "s";
                            },
                            StartOptions.named("diff_slow").withTimeout(SHORT));
                    trace.ev(started(result));
                    exits(SURVIVED);
                  }));
          Pid child = (Pid) next(self);
          ended(self, child);
          trace.ev(List.of(whereis(self, "diff_slow"), self.runtime().isAlive(child)));
        });
    scenario(
        "name_taken",
        (self, trace) -> {
          StartOptions taken = StartOptions.named("diff_taken");
          start(self, trace, s -> "s", taken);
          Start again =
              s -> {
                trace.ev("init_called");
                return "s";
              };
          GenServers.startLink(self, new Server(trace), again, taken);
          trace.ev(started(GenServers.start(self, new Server(trace), again, taken)));
          trace.ev(started(GenServers.startMonitor(self, new Server(trace), again, taken)));
          trace.ev(flush(self));
          stopNamed(self, "diff_taken");
        });
    scenario(
        "name_in_init",
        (self, trace) -> {
          start(
              self,
              trace,
              inner -> {
                trace.ev(whereis(inner, "diff_named") == inner.pid());
                return "s";
              },
              StartOptions.named("diff_named"));
          trace.ev(ref(self, "diff_named").call(new Get()));
          stopNamed(self, "diff_named");
        });
    scenario(
        "name_free_after_failure",
        (self, trace) -> {
          for (int i = 0; i < 3; i++) {
            Start fails =
                s -> {
                  throw Init.stop(BOOM);
                };
            trace.ev(
                started(
                    GenServers.start(
                        self, new Server(trace), fails, StartOptions.named("diff_retry"))));
            trace.ev(whereis(self, "diff_retry"));
          }
        });
    scenario(
        "init_messages",
        (self, trace) -> {
          Pid me = self.pid();
          GenServers.startLink(
              self,
              new Server(trace),
              inner -> {
                inner.send(me, "one");
                inner.send(me, "two");
                return "s";
              },
              StartOptions.NONE);
          var got = new ArrayList<>();
          for (int i = 0; i < 2; i++) {
            got.add(self.<Object>receive(Duration.ZERO, Receive::take).orElse("late"));
          }
          trace.ev(got);
        });
    scenario(
        "init_continue",
        (self, trace) -> {
          Pid me = self.pid();
          Step slow =
              (state, inner) -> {
                go(inner);
                trace.ev("continued");
                inner.send(me, "done");
                return noreply(state);
              };
          Pid pid =
              pidOf(
                  GenServers.start(
                      self,
                      new Server(trace, continueWith(slow)),
                      inner -> {
                        inner.send(inner.pid(), "queued");
                        return "s";
                      },
                      StartOptions.NONE));
          trace.ev("started");
          self.send(pid, "go");
          next(self);
          trace.ev(ref(self, pid).call(new Get()));
        });
    scenario(
        "init_timeout_zero",
        (self, trace) -> {
          Pid pid =
              pidOf(
                  GenServers.start(
                      self,
                      new Server(trace, timeout(Duration.ZERO)),
                      s -> "s",
                      StartOptions.NONE));
          self.sleep(PAUSE);
          trace.ev(ref(self, pid).call(new Get()));
        });
    scenario(
        "init_infinity",
        (self, trace) -> {
          Pid pid =
              pidOf(
                  GenServers.start(
                      self,
                      new Server(trace, timeout(INFINITY)),
                      s -> "s",
                      StartOptions.NONE.withTimeout(INFINITY)));
          trace.ev(ref(self, pid).call(new Get(), INFINITY));
        });
    scenario(
        "parent_of_start",
        (self, trace) -> {
          ServerRef<Message> ref = startTrapping(self, trace, "s");
          self.exit(pidOf(ref), BOOM);
          trace.ev(ref.call(new Get()));
        });
  }

  // --- call

  private void calling() {
    scenario(
        "call_failures",
        (self, trace) -> {
          trace.ev(c(() -> dead(self).call(new Get())));
          trace.ev(c(() -> ref(self, "diff_nobody").call(new Get())));
          ServerRef<Message> p = start(self, trace, "s");
          trace.ev(call(p, new Ignore(), SHORT));
          trace.ev(call(p, (ask, s, inner) -> reply(ask, c(() -> p.call(new Get())), s)));
          trace.ev(call(p, (ask, s, inner) -> crashes()));
          trace.ev(call(start(self, trace, "s"), (ask, s, inner) -> exits(BOOM)));
          trace.ev(call(start(self, trace, "s"), (ask, s, inner) -> exits(NORMAL)));
          trace.ev(call(start(self, trace, "s"), (ask, s, inner) -> exits(KILL)));
        });
    scenario(
        "call_failures_uncaught",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          trace.ev(endOf(self, inner -> ref(self, "diff_nobody").call(new Get())));
          trace.ev(endOf(self, inner -> p.call(new Ignore(), SHORT)));
          trace.ev(endOf(self, inner -> p.call(new Ask((ask, s, it) -> stop(BOOM, s)))));
        });
    scenario(
        "call_stop_reasons",
        (self, trace) -> {
          for (ExitReason reason :
              List.of(NORMAL, SHUTDOWN, new ExitReason.ShutdownWith("x"), BOOM, KILL, KILLED)) {
            trace.ev(call(start(self, trace, "s"), (ask, s, inner) -> stop(reason, s)));
          }
        });
    scenario(
        "linked_caller",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          trace.ev(
              endOf(
                  self,
                  inner -> {
                    inner.link(pidOf(p));
                    call(p, (ask, s, it) -> stop(BOOM, s));
                    exits(SURVIVED);
                  }));
          ServerRef<Message> q = start(self, trace, "s");
          trace.ev(
              endOf(
                  self,
                  inner -> {
                    inner.trapExits(true);
                    inner.link(pidOf(q));
                    Object result = call(q, (ask, s, it) -> stop(BOOM, s));
                    Optional<Exit> exit =
                        inner.receive(
                            Duration.ZERO,
                            m -> m instanceof Exit e ? Receive.take(e) : Receive.skip());
                    trace.ev(
                        exit.isPresent()
                            ? List.of(result, "exit_was_first", exit.get().reason())
                            : "exit_was_late");
                    exits(SURVIVED);
                  }));
        });
    scenario(
        "late_reply",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          Ask slow =
              new Ask(
                  (ask, s, inner) -> {
                    go(inner);
                    return reply(ask, "late", "changed");
                  });
          trace.ev(call(p, slow, SHORT));
          p.send("go");
          trace.ev(p.call(new Get()));
          trace.ev(flush(self));
        });
    scenario(
        "timeout_zero_call",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          p.cast(
              new Do(
                  (s, inner) -> {
                    go(inner);
                    return noreply(s);
                  }));
          Ask ask =
              new Ask(
                  (request, s, inner) -> {
                    trace.ev("handled");
                    return reply(request, "r", s);
                  });
          trace.ev(call(p, ask, Duration.ZERO));
          p.send("go");
          trace.ev(p.call(new Get()));
          trace.ev(flush(self));
        });
    scenario(
        "stop_reply_order",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          var end =
              new AtEnd(
                  inner -> {
                    inner.sleep(SHORT);
                    trace.ev("terminated");
                  });
          trace.ev(tuple("reply", call(p, (ask, s, inner) -> stop(NORMAL, ask, "bye", end))));
        });
    scenario(
        "stop_reply_terminate_crashes",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          self.monitor(pidOf(p));
          var end = new AtEnd(inner -> exits(ExitReason.other("in_terminate")));
          trace.ev(call(p, (ask, s, inner) -> stop(NORMAL, ask, "bye", end)));
          trace.ev(((Down) next(self)).reason());
        });
    scenario(
        "stop_then_down",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          self.monitor(pidOf(p));
          trace.ev(call(p, (ask, s, inner) -> stop(BOOM, ask, "bye", s)));
          trace.ev(next(self));
        });
    scenario(
        "reply_by_other",
        (self, trace) ->
            trace.ev(
                call(
                    start(self, trace, "s"),
                    (ask, s, inner) -> {
                      From<Object> from = inner.from(ask);
                      inner.spawn(other -> from.reply("other"));
                      return noreply(s);
                    })));
    scenario(
        "reply_later",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          Pid me = self.pid();
          self.spawnLink(
              inner ->
                  inner.send(me, tuple("got", call(p, (ask, s, it) -> noreply(it.from(ask))))));
          while (!(p.call(new Get()) instanceof From<?>)) {
            self.sleep(Duration.ofMillis(1));
          }
          p.send(
              new DoInfo(
                  (state, inner) -> {
                    answerTo(state, "later");
                    return noreply("s");
                  }));
          trace.ev(next(self));
          trace.ev(p.call(new Get()));
        });
    scenario(
        "calls_put_off",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          Pid me = self.pid();
          Ask putOff =
              new Ask(
                  (ask, s, inner) -> {
                    inner.send(me, "put_off");
                    return noreply(s);
                  });
          for (int i = 0; i < 3; i++) {
            self.spawn(inner -> inner.send(me, call(p, putOff, LIMIT)));
          }
          for (int i = 0; i < 3; i++) {
            next(self);
          }
          p.cast(new Do((s, inner) -> stop(BOOM, s)));
          trace.ev(List.of(next(self), next(self), next(self)));
        });
    scenario(
        "cast_then_call",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          for (int i = 1; i <= 3; i++) {
            p.cast(new Tell(i));
          }
          p.send("info");
          trace.ev(p.call(new Get()));
        });
  }

  @SuppressWarnings("unchecked")
  private static void answerTo(Object from, Object value) {
    ((From<Object>) from).reply(value);
  }

  // --- cast, several

  private void casting() {
    scenario(
        "cast_to_nobody",
        (self, trace) -> {
          dead(self).cast(new Tell("x"));
          ref(self, "diff_nobody").cast(new Tell("x"));
          trace.ev(List.of("ok", "ok"));
        });
    scenario(
        "multi_call",
        (self, trace) -> {
          for (String name : List.of("diff_a", "diff_b")) {
            start(self, trace, s -> name, StartOptions.named(name));
          }
          multi(self, trace, List.of("diff_a", "diff_nobody", "diff_b"), new Get(), SECOND);
          multi(self, trace, List.of("diff_a", "diff_b"), new Ignore(), SHORT);
          multi(self, trace, List.of("diff_a"), new Ask((ask, s, inner) -> stop(BOOM, s)), SECOND);
          trace.ev(flush(self));
          stopNamed(self, "diff_b");
        });
    scenario(
        "abcast",
        (self, trace) -> {
          start(self, trace, s -> "s", StartOptions.named("diff_a"));
          GenServers.abcast(List.of(ref(self, "diff_a")), new Tell("hello"));
          GenServers.abcast(List.of(ref(self, "diff_nobody")), new Tell("hello"));
          trace.ev(ref(self, "diff_a").call(new Get()));
          stopNamed(self, "diff_a");
        });
  }

  private static void multi(
      Self<?> self, Trace trace, List<String> names, Call<Message, Object> request, Duration time) {
    List<ServerRef<Message>> refs = names.stream().map(name -> ref(self, name)).toList();
    Replies<Message, Object> replies = GenServers.multiCall(refs, request, time);
    trace.ev(List.of(List.copyOf(replies.replies().values()), replies.bad().size()));
  }

  // --- requests

  private static Object answer(Optional<? extends Answer<?>> answer) {
    return answer.isPresent() ? answer(answer.get()) : "timeout";
  }

  private static Object answer(Answer<?> answer) {
    return switch (answer) {
      case Answer.Reply<?>(var value) -> tuple("reply", value);
      case Answer.Failed<?>(var reason, _) -> tuple("error", r(reason));
    };
  }

  private static Object outcome(Outcome<Object, String> outcome) {
    return switch (outcome) {
      case Outcome.Answered<Object, String>(var answer, var label, var rest) ->
          List.of(answer(answer), label, rest.size());
      case Outcome.NoRequest<Object, String> _ -> "no_request";
      case Outcome.NoReply<Object, String> _ -> "no_reply";
      case Outcome.TimedOut<Object, String> _ -> "timeout";
    };
  }

  private static Ask slow() {
    return new Ask(
        (ask, s, inner) -> {
          go(inner);
          return reply(ask, "late", s);
        });
  }

  private void requesting() {
    scenario(
        "request_replies",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          trace.ev(answer(p.sendRequest(self, new Get()).receiveResponse(self, SECOND)));
          trace.ev(answer(p.sendRequest(self, new Get()).waitResponse(self, SECOND)));
          RequestId<Object> id = p.sendRequest(self, new Get());
          Object message = next(self);
          trace.ev(
              List.of(
                  id.checkResponse("hello").isPresent() ? "reply" : "no_reply",
                  answer(id.checkResponse(message))));
          trace.ev(flush(self));
        });
    scenario(
        "request_waits",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          RequestId<Object> id = p.sendRequest(self, slow());
          trace.ev(answer(id.waitResponse(self, SHORT)));
          p.send("go");
          trace.ev(answer(id.waitResponse(self, INFINITY)));
          RequestId<Object> id2 = p.sendRequest(self, slow());
          trace.ev(answer(id2.receiveResponse(self, SHORT)));
          p.send("go");
          trace.ev(p.call(new Get()));
          trace.ev(flush(self));
        });
    scenario(
        "request_errors",
        (self, trace) -> {
          trace.ev(answer(dead(self).sendRequest(self, new Get()).receiveResponse(self, SECOND)));
          trace.ev(
              answer(
                  ref(self, "diff_nobody")
                      .sendRequest(self, new Get())
                      .receiveResponse(self, SECOND)));
          Ask stops = new Ask((ask, s, inner) -> stop(BOOM, s));
          trace.ev(
              answer(
                  start(self, trace, "s").sendRequest(self, stops).receiveResponse(self, SECOND)));
        });
    scenario(
        "request_collection",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          RequestIds<Object, String> ids =
              RequestIds.<Object, String>empty()
                  .add(p.sendRequest(self, slow()), "first")
                  .add(dead(self).sendRequest(self, new Get()), "second");
          trace.ev(ids.size());
          Outcome<Object, String> first = ids.receiveResponse(self, SECOND, true);
          trace.ev(outcome(first));
          ids = ((Outcome.Answered<Object, String>) first).rest();
          trace.ev(outcome(ids.checkResponse("hello", true)));
          trace.ev(outcome(ids.waitResponse(self, SHORT, true)));
          p.send("go");
          trace.ev(outcome(ids.waitResponse(self, SECOND, false)));
          trace.ev(
              outcome(RequestIds.<Object, String>empty().receiveResponse(self, INFINITY, true)));
          trace.ev(outcome(RequestIds.<Object, String>empty().checkResponse("hello", true)));
        });
    scenario(
        "request_collection_timeout",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          RequestIds<Object, String> ids =
              RequestIds.<Object, String>empty()
                  .add(p.sendRequest(self, slow()), "a")
                  .add(p.sendRequest(self, slow()), "b");
          trace.ev(outcome(ids.receiveResponse(self, SHORT, true)));
          p.send("go");
          p.send("go");
          trace.ev(p.call(new Get()));
          trace.ev(flush(self));
        });
  }

  // --- the loop

  private void looping() {
    scenario(
        "continue_before_queue",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          p.cast(
              new Do(
                  (s, inner) -> {
                    go(inner);
                    return noreply(s, continueWith("c"));
                  }));
          p.cast(new Tell("queued"));
          p.send("info");
          p.send("go");
          trace.ev(p.call(new Get()));
        });
    scenario(
        "continue_after_reply",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          Step slow =
              (s, inner) -> {
                go(inner);
                trace.ev("continued");
                return noreply(s);
              };
          trace.ev(
              tuple("reply", call(p, (ask, s, inner) -> reply(ask, "now", s, continueWith(slow)))));
          p.send("go");
          trace.ev(p.call(new Get()));
        });
    scenario(
        "continue_chain",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, 0);
          p.cast(new Do(step(trace)));
          p.cast(new Tell("queued"));
          trace.ev(p.call(new Get()));
        });
    scenario(
        "continue_stops",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          self.monitor(pidOf(p));
          Step second = (s, inner) -> stop(BOOM, tuple(s, "second"));
          p.cast(new Do((s, inner) -> noreply("first", continueWith(second))));
          trace.ev(next(self));
        });
    scenario(
        "idle_timeout",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          call(p, (ask, s, inner) -> reply(ask, "ok", s, timeout(Duration.ofMillis(10))));
          self.sleep(PAUSE);
          trace.ev(p.call(new Get()));
        });
    scenario(
        "idle_timeout_cancelled",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          for (Runnable message :
              List.<Runnable>of(
                  () -> p.send("junk"), () -> p.call(new Get()), () -> p.cast(new Tell("x")))) {
            call(p, (ask, s, inner) -> reply(ask, "ok", s, timeout(PAUSE)));
            message.run();
            self.sleep(PAUSE.multipliedBy(2));
          }
          trace.ev(p.call(new Get()));
        });
    scenario(
        "idle_timeout_zero",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          p.cast(
              new Do(
                  (s, inner) -> {
                    go(inner);
                    return noreply(s, timeout(Duration.ZERO));
                  }));
          p.send("queued");
          p.send("go");
          self.sleep(PAUSE);
          trace.ev(p.call(new Get()));
          p.cast(new Do((s, inner) -> noreply(s, timeout(Duration.ZERO))));
          self.sleep(PAUSE);
          trace.ev(p.call(new Get()));
        });
    scenario(
        "bad_returns",
        (self, trace) -> {
          trace.ev(call(start(self, trace, "s"), (ask, s, inner) -> null));
          Step nothing = (s, inner) -> null;
          for (Consumer<ServerRef<Message>> send :
              List.<Consumer<ServerRef<Message>>>of(
                  p -> p.cast(new Do(nothing)),
                  p -> p.send(new DoInfo(nothing)),
                  p -> p.cast(new Do((s, inner) -> reply(new Get(), "x", "new"))),
                  p -> p.cast(new Do((s, inner) -> noreply(s, continueWith(nothing)))))) {
            ServerRef<Message> p = start(self, trace, "s");
            self.monitor(pidOf(p));
            send.accept(p);
            trace.ev(r(((Down) next(self)).reason()));
          }
        });
    for (boolean crash : new boolean[] {true, false}) {
      scenario(
          crash ? "crash_has_old_state" : "exit_has_old_state",
          (self, trace) -> {
            ServerRef<Message> p = start(self, trace, "old");
            self.monitor(pidOf(p));
            p.cast(new Do((s, inner) -> crash ? crashes() : exits(BOOM)));
            trace.ev(next(self));
          });
    }
    scenario(
        "info_of_all_kinds",
        (self, trace) -> {
          ServerRef<Message> p = startTrapping(self, trace, "s");
          call(
              p,
              (ask, s, inner) -> {
                inner.startTimer(Duration.ZERO, "tick");
                inner.sleep(SHORT);
                return reply(ask, "ok", s);
              });
          call(
              p,
              (ask, s, inner) -> {
                Pid dead = inner.spawn(x -> {});
                endedIn(inner, dead);
                inner.monitor(dead);
                return reply(ask, "ok", s);
              });
          call(
              p,
              (ask, s, inner) -> {
                Pid dead = inner.spawnLink(x -> exits(BOOM));
                endedIn(inner, dead);
                return reply(ask, "ok", s);
              });
          call(
              p,
              (ask, s, inner) -> {
                inner.send(inner.pid(), tuple("plain", "message"));
                return reply(ask, "ok", s);
              });
          trace.ev(p.call(new Get()));
        });
  }

  private static Step step(Trace trace) {
    return (state, self) -> {
      int n = (int) state;
      if (n == 3) {
        return noreply(n);
      }
      trace.ev(tuple("step", n));
      return noreply(n + 1, continueWith(step(trace)));
    };
  }

  @SuppressWarnings("unchecked") // the monitor's message is taken out again
  private static void endedIn(Self<Message> self, Pid pid) {
    ended((Self<Object>) (Self<?>) self, pid);
  }

  // --- the end

  private void ending() {
    scenario(
        "stop_reasons",
        (self, trace) -> {
          for (ExitReason reason :
              List.of(NORMAL, SHUTDOWN, new ExitReason.ShutdownWith("x"), BOOM)) {
            ServerRef<Message> p = start(self, trace, "s");
            self.monitor(pidOf(p));
            p.cast(new Do((s, inner) -> stop(reason, "last")));
            trace.ev(next(self));
          }
        });
    scenario(
        "parent_exit",
        (self, trace) -> {
          self.trapExits(true);
          for (ExitReason reason : List.of(NORMAL, SHUTDOWN, BOOM, KILL)) {
            Pid pid =
                pidOf(
                    GenServers.startLink(
                        self, new Server(trace), trapping("s"), StartOptions.NONE));
            self.exit(pid, reason);
            trace.ev(next(self));
          }
        });
    scenario(
        "parent_ends",
        (self, trace) -> {
          Pid me = self.pid();
          for (ExitReason reason : List.of(NORMAL, BOOM)) {
            Pid parent =
                self.spawn(
                    inner -> {
                      inner.send(
                          me,
                          pidOf(
                              GenServers.startLink(
                                  inner, new Server(trace), trapping("s"), StartOptions.NONE)));
                      go(inner);
                      exits(reason);
                    });
            self.send(parent, "go");
            ended(self, (Pid) next(self));
          }
        });
    scenario(
        "stranger_exit",
        (self, trace) -> {
          ServerRef<Message> p = startTrapping(self, trace, "s");
          Pid pid = pidOf(p);
          for (ExitReason reason : List.of(NORMAL, BOOM)) {
            ended(self, self.spawn(inner -> inner.exit(pid, reason)));
          }
          trace.ev(p.call(new Get()));
        });
    scenario(
        "untrapped_exit",
        (self, trace) -> {
          self.trapExits(true);
          for (ExitReason reason : List.of(SHUTDOWN, BOOM, KILL)) {
            Pid pid =
                pidOf(GenServers.startLink(self, new Server(trace), s -> "s", StartOptions.NONE));
            self.exit(pid, reason);
            trace.ev(next(self));
          }
          ServerRef<Message> q =
              ref(
                  self,
                  pidOf(
                      GenServers.startLink(self, new Server(trace), s -> "s", StartOptions.NONE)));
          self.exit(pidOf(q), NORMAL);
          trace.ev(q.call(new Get()));
          GenServers.stop(q);
        });
    scenario(
        "killed_in_callback",
        (self, trace) -> {
          ServerRef<Message> p = startTrapping(self, trace, "s");
          Pid pid = pidOf(p);
          self.monitor(pid);
          Pid me = self.pid();
          p.cast(
              new Do(
                  (s, inner) -> {
                    inner.send(me, "entered");
                    inner.sleep(LIMIT);
                    return noreply(s);
                  }));
          next(self);
          self.exit(pid, KILL);
          trace.ev(next(self));
        });
    scenario(
        "terminate_changes_reason",
        (self, trace) -> {
          for (List<ExitReason> reasons :
              List.of(
                  List.of(NORMAL, BOOM),
                  List.of(BOOM, NORMAL),
                  List.of(BOOM, SHUTDOWN),
                  List.of(BOOM, ExitReason.other("other")))) {
            ServerRef<Message> p = start(self, trace, "s");
            self.monitor(pidOf(p));
            var end = new AtEnd(inner -> exits(reasons.getLast()));
            p.cast(new Do((s, inner) -> stop(reasons.getFirst(), end)));
            trace.ev(next(self));
          }
        });
    scenario(
        "stop_results",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          trace.ev(List.of(stopResult(p, NORMAL, INFINITY), p.whereis().isPresent()));
          trace.ev(stopResult(p, NORMAL, INFINITY));
          trace.ev(stopResult(ref(self, "diff_nobody"), NORMAL, INFINITY));
          ServerRef<Message> slow = start(self, trace, new AtEnd(ServerDifferentialTests::go));
          self.monitor(pidOf(slow));
          trace.ev(List.of(stopResult(slow, SHUTDOWN, SHORT), slow.whereis().isPresent()));
          slow.send("go");
          trace.ev(next(self));
          ServerRef<Message> other = start(self, trace, new AtEnd(inner -> exits(BOOM)));
          trace.ev(stopResult(other, NORMAL, INFINITY));
          trace.ev(
              call(
                  start(self, trace, "s"),
                  (ask, s, inner) ->
                      reply(ask, stopResult(ref(inner, inner.pid()), NORMAL, INFINITY), s)));
          for (ExitReason reason : List.of(SHUTDOWN, new ExitReason.ShutdownWith("x"), BOOM)) {
            ServerRef<Message> q = start(self, trace, "s");
            self.monitor(pidOf(q));
            GenServers.stop(q, reason, INFINITY);
            trace.ev(next(self));
          }
        });
  }

  private static Object stopResult(ServerRef<?> server, ExitReason reason, Duration time) {
    try {
      GenServers.stop(server, reason, time);
      return "ok";
    } catch (StopException e) {
      return tuple("exit", e.reason());
    }
  }

  // --- system messages

  private void system() {
    scenario(
        "stop_suspended",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          Sys.suspend(pidOf(p));
          p.cast(new Tell("never"));
          trace.ev(stopResult(p, NORMAL, INFINITY));
        });
    scenario(
        "suspended_keeps_order",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          Pid pid = pidOf(p);
          Sys.suspend(pid);
          p.cast(new Tell("one"));
          p.send("two");
          trace.ev(call(p, new Get(), SHORT));
          p.cast(new Tell("three"));
          trace.ev(Sys.getState(pid));
          Sys.suspend(pid);
          Sys.resume(pid);
          trace.ev(p.call(new Get()));
          Sys.resume(pid);
          trace.ev(flush(self));
        });
    scenario(
        "suspended_parent_exit",
        (self, trace) -> {
          self.trapExits(true);
          Pid pid =
              pidOf(
                  GenServers.startLink(self, new Server(trace), trapping("s"), StartOptions.NONE));
          Sys.suspend(pid);
          self.send(pid, "never");
          self.exit(pid, SHUTDOWN);
          trace.ev(next(self));
        });
    scenario(
        "replaced_state",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          Pid pid = pidOf(p);
          trace.ev(Sys.replaceState(pid, s -> tuple(s, "replaced")));
          trace.ev(refused(() -> Sys.replaceState(pid, s -> crashes())));
          trace.ev(p.call(new Get()));
        });
    scenario(
        "changed_code",
        (self, trace) -> {
          ServerRef<Message> p = start(self, trace, "s");
          Pid pid = pidOf(p);
          trace.ev(refused(() -> Sys.changeCode(pid, "v1", "extra")));
          Sys.suspend(pid);
          trace.ev(refused(() -> Sys.changeCode(pid, "v1", "fail")));
          trace.ev(Sys.getState(pid));
          trace.ev(refused(() -> Sys.changeCode(pid, "v1", "extra")));
          Sys.resume(pid);
          trace.ev(p.call(new Get()));
        });
  }

  private static Object refused(Runnable action) {
    try {
      action.run();
      return "ok";
    } catch (SysException e) {
      return "refused";
    }
  }
}
