package io.otp.differential;

import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.errorOf;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;

import io.otp.Rule;
import io.otp.differential.Trace.Tuple;
import io.otp.process.Alias;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessInfo;
import io.otp.process.ProcessKilledError;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.Sys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Processes and signals as Erlang's: {@code diff_process.erl}. */
class ProcessDifferentialTests extends DifferentialTests {

  private static final String NAME = "diff_name";

  private static final List<ExitReason> REASONS =
      List.of(
          ExitReason.NORMAL,
          ExitReason.SHUTDOWN,
          new ExitReason.ShutdownWith("x"),
          other("boom"),
          ExitReason.KILL,
          ExitReason.KILLED,
          ExitReason.NO_PROCESS);

  @TestFactory
  @Rule({
    "1.01", "1.03", "1.04", "1.05", "1.07", "1.08", "1.09", "1.11", "1.13", "1.20", "1.22", "1.30",
    "1.31", "1.32", "1.40", "1.41", "1.42", "1.43", "1.50", "1.51", "1.52", "1.53", "1.54", "1.56",
    "1.57", "1.58", "1.60", "1.61", "1.62", "1.63", "1.70", "1.71", "1.72", "1.73", "1.74", "1.80",
    "1.81", "1.84", "1.85"
  })
  Stream<DynamicTest> processesDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "process";
  }

  private static ExitReason other(String term) {
    return ExitReason.other(term);
  }

  private static void exit(ExitReason reason) {
    throw new ProcessExit(reason);
  }

  private static Consumer<Self<Object>> exits(ExitReason reason) {
    return self -> exit(reason);
  }

  /** Waits for a message and exits with it. */
  private static void exitsWithMessage(Self<Object> self) {
    exit(ExitReason.other(self.receive()));
  }

  private static Pid dead(Self<Object> self) {
    Pid pid = self.spawn(s -> {});
    ended(self, pid);
    return pid;
  }

  private static void echo(Self<Object> self, Pid to, boolean trap) {
    self.trapExits(trap);
    self.send(to, "ready");
    echo(self, to);
  }

  private static void echo(Self<Object> self, Pid to) {
    while (true) {
      self.send(to, tuple("got", self.receive()));
    }
  }

  private static boolean is(Object message, String name) {
    return message.equals(name);
  }

  /** How an echo process reacted: dead, ignored, or told of a message. */
  private static void reaction(
      Self<Object> self, Trace trace, boolean trap, Object reason, Object message) {
    switch (message) {
      case Down down -> trace.ev(List.of(trap, reason, "dead", down.reason()));
      case Tuple(var got) when got.get(1) instanceof Exit exit -> {
        next(self);
        trace.ev(List.of(trap, reason, "message", exit.reason()));
      }
      default -> trace.ev(List.of(trap, reason, "ignored"));
    }
  }

  private static List<Object> kinds(List<Object> messages) {
    return messages.stream()
        .<Object>map(m -> m instanceof Down ? "DOWN" : m instanceof Exit ? "EXIT" : m)
        .sorted()
        .toList();
  }

  private static Object orUndefined(Optional<Pid> pid) {
    return valueOrUndefined(pid.orElse(null));
  }

  @Override
  void scenarios() {
    signals();
    starting();
    links();
    monitors();
    names();
    mailbox();
    aliases();
    looking();
  }

  private void signals() {
    scenario(
        "exit_matrix",
        (self, trace) -> {
          Pid me = self.pid();
          for (boolean trap : new boolean[] {false, true}) {
            for (ExitReason reason : REASONS) {
              Pid pid = self.spawn(s -> echo(s, me, trap));
              next(self);
              Ref ref = self.monitor(pid);
              self.exit(pid, reason);
              self.send(pid, "ping");
              reaction(self, trace, trap, reason, next(self));
              self.demonitorFlush(ref);
              self.exit(pid, ExitReason.KILL);
            }
          }
        });
    scenario(
        "self_exit_matrix",
        (self, trace) -> {
          Pid me = self.pid();
          for (boolean trap : new boolean[] {false, true}) {
            for (ExitReason reason :
                List.of(ExitReason.NORMAL, ExitReason.SHUTDOWN, other("boom"), ExitReason.KILL)) {
              self.spawnMonitor(
                  s -> {
                    s.trapExits(trap);
                    try {
                      s.exit(s.pid(), reason);
                    } catch (ProcessKilledError e) {
                      throw e;
                    } catch (Throwable t) {
                      s.send(me, "caught");
                    }
                    s.send(me, tuple("went_on", flush(s).getFirst()));
                  });
              var line = new ArrayList<Object>(List.of(trap, reason));
              Object message = next(self);
              if (message instanceof Tuple(var parts) && parts.get(1) instanceof Exit exit) {
                line.addAll(List.of("message", exit.reason()));
                message = next(self);
              } else {
                line.add("did_not_go_on");
              }
              line.add(((Down) message).reason());
              trace.ev(line);
            }
          }
        });
    scenario(
        "trap_toggle",
        (self, trace) -> {
          trace.ev("before", self.trapExits(true));
          ended(self, self.spawnLink(exits(other("boom"))));
          trace.ev("was", self.trapExits(false));
          trace.ev("queued_exit_stays", flush(self));
          ended(self, self.spawnLink(s -> {}));
          self.trapExits(true);
          trace.ev("ignored_exit_does_not_come_back", flush(self));
        });
    scenario(
        "kill_trapped",
        (self, trace) -> {
          Pid me = self.pid();
          Pid pid = self.spawnMonitor(s -> echo(s, me, true)).pid();
          next(self);
          self.exit(pid, other("boom"));
          trace.ev(next(self));
          self.exit(pid, ExitReason.KILL);
          trace.ev(next(self));
        });
    scenario(
        "exit_twice",
        (self, trace) -> {
          Pid first = self.spawn(Self::receive);
          self.monitor(first);
          self.exit(first, ExitReason.KILL);
          self.exit(first, other("boom"));
          trace.ev(next(self));
          Pid second = self.spawn(Self::receive);
          self.monitor(second);
          self.exit(second, other("boom"));
          self.exit(second, ExitReason.KILL);
          trace.ev(next(self));
        });
    scenario(
        "exit_dead",
        (self, trace) -> {
          Pid dead = dead(self);
          trace.ev("kill", errorOf(() -> self.exit(dead, ExitReason.KILL)));
          trace.ev("boom", errorOf(() -> self.exit(dead, other("boom"))));
          trace.ev(flush(self));
        });
    scenario(
        "dead_after_own_kill",
        (self, trace) -> {
          int alive = 0;
          for (int i = 0; i < 2000; i++) {
            Pid pid = self.spawn(Self::receive);
            self.exit(pid, ExitReason.KILL);
            alive += self.runtime().isAlive(pid) ? 1 : 0;
          }
          trace.ev(alive);
        });
    scenario(
        "message_then_exit",
        (self, trace) -> {
          Pid me = self.pid();
          Pid pid =
              self.spawn(
                  s -> {
                    s.trapExits(true);
                    s.send(me, "ready");
                    for (int n = 1; n <= 4; n++) {
                      s.send(me, tuple(n, s.receive()));
                    }
                  });
          next(self);
          self.send(pid, "a");
          self.exit(pid, other("b"));
          self.send(pid, "c");
          self.exit(pid, other("d"));
          for (int n = 1; n <= 4; n++) {
            trace.ev(next(self));
          }
        });
  }

  private void starting() {
    scenario(
        "crash_reasons",
        (self, trace) -> {
          trace.ev("returns", endOf(self, s -> {}));
          trace.ev("exit", endOf(self, exits(other("bye"))));
          trace.ev(
              "error",
              endOf(
                  self,
                  s -> {
                    throw new IllegalStateException("bad");
                  }));
          trace.ev("throw", endOf(self, s -> ProcessDifferentialTests.<RuntimeException>ball()));
        });
    scenario(
        "crash_at_start",
        (self, trace) -> {
          self.trapExits(true);
          trace.ev("monitored", endOf(self, s -> s.put("value", Broken.VALUE)));
          self.spawnLink(s -> s.put("value", Broken.VALUE));
          trace.ev("linked", ((Exit) next(self)).reason());
        });
    scenario(
        "spawn_link_order",
        (self, trace) -> {
          self.trapExits(true);
          Pid me = self.pid();
          self.spawnLink(
              s -> {
                s.send(me, "m1");
                s.send(me, "m2");
                exit(other("r"));
              });
          for (int i = 0; i < 3; i++) {
            trace.ev(next(self));
          }
        });
    scenario(
        "spawn_monitor_order",
        (self, trace) -> {
          Pid me = self.pid();
          self.spawnMonitor(
              s -> {
                s.send(me, "m1");
                s.send(me, "m2");
              });
          for (int i = 0; i < 3; i++) {
            trace.ev(next(self));
          }
        });
    scenario(
        "link_and_monitor_order",
        (self, trace) -> {
          self.trapExits(true);
          self.spawn(new EndsAtOnce(other("r")), new SpawnOptions(true, true, null, null));
          trace.ev(next(self));
          trace.ev(next(self));
        });
    scenario(
        "nothing_inherited",
        (self, trace) -> {
          Pid me = self.pid();
          self.put("key", "value");
          self.trapExits(true);
          self.register(NAME);
          self.spawn(
              s -> {
                ProcessInfo info = s.runtime().info(s.pid()).orElseThrow();
                Object key = s.get("key");
                String name = info.summary().name();
                s.send(
                    me,
                    tuple(
                        key == null ? "undefined" : key,
                        info.trapsExits(),
                        name == null ? List.of() : name,
                        info.links(),
                        info.monitors()));
              });
          trace.ev(((Tuple) next(self)).elements());
        });
  }

  private static ExitReason endOf(Self<Object> self, Consumer<Self<Object>> body) {
    self.spawnMonitor(body);
    return ((Down) next(self)).reason();
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void ball() throws E {
    throw (E) new Exception("ball");
  }

  /** Cannot be initialised, as a module that is not there. */
  private static final class Broken {
    static final int VALUE = Integer.parseInt("not a number");
  }

  private void links() {
    scenario(
        "link_broken_matrix",
        (self, trace) -> {
          Pid me = self.pid();
          for (boolean trap : new boolean[] {false, true}) {
            for (ExitReason reason : REASONS) {
              Pid survivor =
                  self.spawn(
                      s -> {
                        s.trapExits(trap);
                        Pid peer =
                            s.spawnLink(
                                p -> {
                                  p.receive();
                                  exit(reason);
                                });
                        s.send(me, peer);
                        echo(s, me);
                      });
              Pid peer = (Pid) next(self);
              Ref ref = self.monitor(survivor);
              self.send(peer, "go");
              ended(self, peer);
              self.send(survivor, "ping");
              reaction(self, trace, trap, reason, next(self));
              self.demonitorFlush(ref);
              self.exit(survivor, ExitReason.KILL);
            }
          }
        });
    scenario(
        "link_to_killed",
        (self, trace) -> {
          self.trapExits(true);
          self.exit(self.spawnLink(Self::receive), ExitReason.KILL);
          trace.ev(next(self));
        });
    scenario(
        "link_noproc",
        (self, trace) -> {
          Pid dead = dead(self);
          trace.ev("not_trapping", errorOf(() -> self.link(dead)));
          trace.ev("caught_so_lives_on", flush(self));
          self.spawnMonitor(s -> s.link(dead));
          next(self);
          self.trapExits(true);
          self.link(dead);
          trace.ev("trapping", flush(self));
        });
    scenario(
        "unlink_leaves_queued_exit",
        (self, trace) -> {
          self.trapExits(true);
          Pid pid = self.spawnLink(exits(other("boom")));
          ended(self, pid);
          self.unlink(pid);
          trace.ev(flush(self));
        });
    scenario(
        "unlink_then_death",
        (self, trace) -> {
          self.trapExits(true);
          Pid pid =
              self.spawnLink(
                  s -> {
                    s.receive();
                    exit(other("boom"));
                  });
          self.unlink(pid);
          self.unlink(pid);
          self.send(pid, "x");
          ended(self, pid);
          trace.ev(flush(self));
        });
    scenario(
        "kill_then_link",
        (self, trace) -> {
          self.trapExits(true);
          Pid pid = self.spawn(Self::receive);
          self.exit(pid, ExitReason.KILL);
          self.link(pid);
          trace.ev(next(self));
        });
    scenario(
        "link_and_monitor_self",
        (self, trace) -> {
          self.trapExits(true);
          trace.ev("link", errorOf(() -> self.link(self.pid())));
          self.monitor(self.pid());
          trace.ev("unlink", errorOf(() -> self.unlink(self.pid())));
          trace.ev(flush(self));
        });
    scenario(
        "links_are_symmetric",
        (self, trace) -> {
          Pid me = self.pid();
          for (String dies : List.of("linked", "linker")) {
            Pid linked = self.spawn(s -> tellsOfExit(s, me, null));
            next(self);
            Pid linker = self.spawn(s -> tellsOfExit(s, me, linked));
            next(self);
            self.exit(is(dies, "linked") ? linked : linker, ExitReason.KILL);
            trace.ev(dies, ((Exit) next(self)).reason());
            self.exit(linked, ExitReason.KILL);
            self.exit(linker, ExitReason.KILL);
          }
        });
    scenario(
        "killed_spreads_as_killed",
        (self, trace) -> {
          self.trapExits(true);
          Pid me = self.pid();
          self.spawnLink(
              s -> {
                s.send(me, s.spawnLink(Self::receive));
                s.receive();
              });
          self.exit((Pid) next(self), ExitReason.KILL);
          trace.ev(((Exit) next(self)).reason());
        });
    scenario(
        "normal_exit_spreads_not",
        (self, trace) -> {
          self.trapExits(true);
          Pid me = self.pid();
          Pid outer =
              self.spawnLink(
                  s -> {
                    s.send(me, s.spawnLink(Self::receive));
                    s.receive();
                  });
          Pid inner = (Pid) next(self);
          self.send(inner, "end_it");
          ended(self, inner);
          trace.ev(self.runtime().isAlive(outer));
          self.send(outer, "end_it");
          trace.ev(((Exit) next(self)).reason());
        });
  }

  private static void tellsOfExit(Self<Object> self, Pid to, Pid peer) {
    self.trapExits(true);
    if (peer != null) {
      self.link(peer);
    }
    self.send(to, "ready");
    self.send(to, self.receive());
    self.receive();
  }

  private void monitors() {
    scenario(
        "monitor_noproc",
        (self, trace) -> {
          self.monitor(dead(self));
          trace.ev("dead", flush(self));
          self.monitor("nobody");
          trace.ev("name", flush(self));
        });
    scenario(
        "monitor_by_name",
        (self, trace) -> {
          Pid pid = self.spawn(ProcessDifferentialTests::exitsWithMessage);
          self.runtime().register(NAME, pid);
          self.monitor(NAME);
          self.send(pid, "boom");
          trace.ev(next(self));
        });
    scenario(
        "monitor_follows_process",
        (self, trace) -> {
          Pid first = self.spawn(ProcessDifferentialTests::exitsWithMessage);
          Pid second = self.spawn(ProcessDifferentialTests::exitsWithMessage);
          self.runtime().register(NAME, first);
          self.monitor(NAME);
          self.runtime().unregister(NAME);
          self.runtime().register(NAME, second);
          self.send(second, "second");
          ended(self, second);
          trace.ev("after_second", flush(self));
          self.send(first, "first");
          trace.ev("after_first", next(self));
        });
    scenario(
        "two_monitors_two_links",
        (self, trace) -> {
          self.trapExits(true);
          Pid pid = self.spawn(ProcessDifferentialTests::exitsWithMessage);
          self.link(pid);
          self.link(pid);
          self.monitor(pid);
          self.monitor(pid);
          self.send(pid, "bye");
          trace.ev(kinds(List.of(next(self), next(self), next(self))));
          trace.ev(flush(self));
        });
    scenario(
        "demonitor_variants",
        (self, trace) -> {
          Pid first = self.spawn(Self::receive);
          Ref active = self.monitor(first);
          trace.ev("active", self.demonitor(active));
          trace.ev("again", self.demonitor(active));
          trace.ev("again_flush", self.demonitorFlush(active));
          self.send(first, "x");
          trace.ev("messages", flush(self));
          Pid second = self.spawn(Self::receive);
          Ref fired = self.monitor(second);
          self.send(second, "x");
          ended(self, second);
          trace.ev("fired", self.demonitor(fired));
          trace.ev("message_stays", flush(self));
          Pid third = self.spawn(Self::receive);
          Ref flushed = self.monitor(third);
          self.send(third, "x");
          ended(self, third);
          trace.ev("fired_flush", self.demonitorFlush(flushed));
          trace.ev("message_gone", flush(self));
        });
    scenario(
        "kill_then_monitor",
        (self, trace) -> {
          Pid pid = self.spawn(Self::receive);
          self.runtime().register(NAME, pid);
          self.exit(pid, ExitReason.KILL);
          self.monitor(pid);
          trace.ev(next(self));
          trace.ev(orUndefined(self.runtime().whereis(NAME)));
        });
  }

  private void names() {
    scenario(
        "register_errors",
        (self, trace) -> {
          var runtime = self.runtime();
          Pid pid = self.spawn(Self::receive);
          trace.ev("first", errorOf(() -> runtime.register("diff_a", pid)));
          trace.ev("again", errorOf(() -> runtime.register("diff_a", pid)));
          trace.ev("other_name_same_pid", errorOf(() -> runtime.register("diff_b", pid)));
          trace.ev("taken", errorOf(() -> self.register("diff_a")));
          trace.ev("undefined", errorOf(() -> self.register("undefined")));
          Pid dead = dead(self);
          trace.ev("dead", errorOf(() -> runtime.register("diff_c", dead)));
          trace.ev("unregister_unknown", errorOf(() -> runtime.unregister("diff_unknown")));
          trace.ev("whereis_unknown", orUndefined(runtime.whereis("diff_unknown")));
          trace.ev("unregister", errorOf(() -> runtime.unregister("diff_a")));
          trace.ev("then_other_name", errorOf(() -> runtime.register("diff_b", pid)));
          self.exit(pid, ExitReason.KILL);
          ended(self, pid);
          trace.ev("whereis_after_death", orUndefined(runtime.whereis("diff_b")));
        });
    scenario(
        "name_freed_before_down",
        (self, trace) -> {
          int held = 0;
          for (int i = 0; i < 2000; i++) {
            Pid pid = self.spawn(Self::receive);
            self.runtime().register(NAME, pid);
            self.monitor(pid);
            self.send(pid, "x");
            next(self);
            held += self.runtime().whereis(NAME).isPresent() ? 1 : 0;
          }
          trace.ev(held);
        });
    scenario(
        "name_freed_before_exit",
        (self, trace) -> {
          self.trapExits(true);
          int held = 0;
          for (int i = 0; i < 2000; i++) {
            Pid pid = self.spawnLink(Self::receive);
            self.runtime().register(NAME, pid);
            self.exit(pid, ExitReason.KILL);
            next(self);
            held += self.runtime().whereis(NAME).isPresent() ? 1 : 0;
          }
          trace.ev(held);
        });
    scenario(
        "send_to_nobody",
        (self, trace) -> {
          self.send(dead(self), "x");
          trace.ev("dead", "sent");
          trace.ev("name", errorOf(() -> self.send("nobody", "x")));
        });
    scenario(
        "send_by_pid_and_name",
        (self, trace) -> {
          self.register(NAME);
          Pid me = self.pid();
          self.spawn(
              s -> {
                for (int n = 1; n <= 3; n++) {
                  s.send(me, tuple("pid", n));
                  s.send(NAME, tuple("name", n));
                }
              });
          for (int i = 0; i < 6; i++) {
            trace.ev(next(self));
          }
        });
  }

  private static Receive<Object> only(Object message, Object wanted) {
    return message.equals(wanted) ? Receive.take(message) : Receive.skip();
  }

  private void mailbox() {
    scenario(
        "receive_order",
        (self, trace) -> {
          for (String message : List.of("a", "b", "c", "d")) {
            self.send(self.pid(), message);
          }
          for (String wanted : List.of("c", "a")) {
            if (self.receive(Duration.ZERO, m -> only(m, wanted)).isEmpty()) {
              trace.ev("missing");
            }
          }
          self.send(self.pid(), "e");
          trace.ev(flush(self));
        });
    scenario(
        "first_message_wins",
        (self, trace) -> {
          for (Object message : List.of(1, "b", "a")) {
            self.send(self.pid(), message);
          }
          trace.ev(
              self.<Object>receive(
                      Duration.ZERO,
                      m ->
                          is(m, "a")
                              ? Receive.take("first_clause")
                              : is(m, "b") ? Receive.take("second_clause") : Receive.skip())
                  .orElse("none"));
          trace.ev(flush(self));
        });
    scenario(
        "after_zero",
        (self, trace) -> {
          trace.ev(self.receive(Duration.ZERO, Receive::take).orElse("nothing"));
          self.send(self.pid(), "x");
          trace.ev(self.receive(Duration.ZERO, m -> only(m, "y")).orElse("nothing"));
          trace.ev(self.receive(Duration.ZERO, m -> only(m, "x")).orElse("nothing"));
          Object error = errorOf(() -> self.receive(Duration.ofMillis(-1), Receive::take));
          trace.ev(is(error, "badarg") ? "timeout_value" : error); // Java has one error for both
        });
    scenario(
        "after_is_not_restarted",
        (self, trace) -> {
          Pid me = self.pid();
          Pid noise =
              self.spawn(
                  s -> {
                    while (true) {
                      s.sleep(Duration.ofMillis(10));
                      s.send(me, "noise");
                    }
                  });
          long start = System.nanoTime();
          self.receive(Duration.ofMillis(100), m -> only(m, "never"));
          long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
          self.exit(noise, ExitReason.KILL);
          trace.ev("not_early", millis >= 100);
          trace.ev("not_restarted", millis < 5000);
        });
  }

  private void aliases() {
    scenario(
        "alias_explicit",
        (self, trace) -> {
          Alias alias = self.alias();
          self.send(alias, "one");
          self.send(alias, "two");
          trace.ev(flush(self));
          trace.ev(self.unalias(alias));
          trace.ev(self.unalias(alias));
          self.send(alias, "three");
          trace.ev(flush(self));
        });
    scenario(
        "alias_reply",
        (self, trace) -> {
          Alias alias = self.alias(Alias.Mode.REPLY);
          self.send(alias, "one");
          self.send(alias, "two");
          trace.ev(flush(self));
          trace.ev(self.unalias(alias));
        });
    scenario(
        "alias_of_monitor",
        (self, trace) -> {
          Pid pid = self.spawn(Self::receive);
          Alias demonitor = self.monitor(pid, Alias.Mode.DEMONITOR);
          self.send(demonitor, "one");
          trace.ev(flush(self));
          self.demonitor(demonitor);
          self.send(demonitor, "two");
          trace.ev(flush(self));
          Alias reply = self.monitor(pid, Alias.Mode.REPLY_DEMONITOR);
          self.send(reply, "one");
          self.send(reply, "two");
          trace.ev(flush(self));
          trace.ev("monitored", self.runtime().info(pid).orElseThrow().monitoredBy());
          self.send(pid, "x");
          ended(self, pid);
          trace.ev("no_down_after_reply", flush(self));
        });
    scenario(
        "alias_after_down",
        (self, trace) -> {
          Pid pid = self.spawn(Self::receive);
          Alias explicit = self.monitor(pid, Alias.Mode.EXPLICIT_UNALIAS);
          Alias demonitor = self.monitor(pid, Alias.Mode.DEMONITOR);
          self.send(pid, "x");
          ended(self, pid);
          trace.ev(kinds(flush(self)));
          self.send(explicit, "explicit");
          self.send(demonitor, "demonitor");
          trace.ev(flush(self));
          trace.ev(self.unalias(explicit));
        });
    scenario(
        "alias_of_other",
        (self, trace) -> {
          Pid me = self.pid();
          Pid pid =
              self.spawn(
                  s -> {
                    s.send(me, s.alias());
                    s.send(me, s.receive());
                    s.receive();
                  });
          Alias alias = (Alias) next(self);
          trace.ev(self.unalias(alias));
          self.send(alias, "hello");
          trace.ev(next(self));
          self.exit(pid, ExitReason.KILL);
        });
  }

  private void looking() {
    scenario(
        "spawn_does_not_wait",
        (self, trace) -> {
          Pid me = self.pid();
          Pid pid = self.spawn(s -> s.send(me, tuple("started_with", s.receive())));
          self.send(pid, "go");
          trace.ev(next(self));
        });
    scenario(
        "dictionary",
        (self, trace) -> {
          trace.ev("first", valueOrUndefined(self.put("key", 1)));
          trace.ev("again", valueOrUndefined(self.put("key", 2)));
          trace.ev("get", valueOrUndefined(self.get("key")));
          trace.ev("erase", valueOrUndefined(self.put("key", null)));
          trace.ev("erased", valueOrUndefined(self.get("key")));
        });
    scenario(
        "info_of_dead",
        (self, trace) ->
            trace.ev(self.runtime().info(dead(self)).isPresent() ? "info" : "undefined"));
    scenario(
        "info_after_own_signals",
        (self, trace) -> {
          var runtime = self.runtime();
          Pid pid = self.spawn(s -> s.receive(m -> only(m, "never")));
          for (int n = 1; n <= 3; n++) {
            self.send(pid, n);
          }
          trace.ev(runtime.info(pid).orElseThrow().summary().mailbox());
          self.link(pid);
          trace.ev(runtime.info(pid).orElseThrow().links().equals(List.of(self.pid())));
          self.unlink(pid);
          trace.ev(runtime.info(pid).orElseThrow().links());
          Ref ref = self.monitor(pid);
          trace.ev(runtime.info(pid).orElseThrow().monitoredBy().equals(List.of(self.pid())));
          self.demonitor(ref);
          trace.ev(runtime.info(pid).orElseThrow().monitoredBy());
        });
    scenario(
        "send_to_self",
        (self, trace) -> {
          self.send(self.pid(), "a");
          self.register(NAME);
          self.send(NAME, "b");
          self.send(self.pid(), "c");
          trace.ev(flush(self));
        });
    scenario(
        "name_at_send",
        (self, trace) -> {
          Pid me = self.pid();
          Pid first = self.spawn(s -> tellsFirst(s, me, "first"));
          Pid second = self.spawn(s -> tellsFirst(s, me, "second"));
          self.runtime().register(NAME, first);
          self.send(NAME, "a");
          trace.ev(next(self));
          self.runtime().unregister(NAME);
          self.runtime().register(NAME, second);
          self.send(NAME, "b");
          trace.ev(next(self));
        });
    scenario(
        "suspended_dies",
        (self, trace) -> {
          for (ExitReason reason : List.of(ExitReason.SHUTDOWN, other("boom"), ExitReason.KILL)) {
            Pid pid = self.spawn(new EndsAtOnce(null), SpawnOptions.NONE).pid();
            Sys.suspend(pid);
            self.monitor(pid);
            self.exit(pid, ExitReason.NORMAL);
            self.exit(pid, reason);
            trace.ev(List.of(reason, ((Down) next(self)).reason()));
          }
        });
    scenario(
        "gone_when_told",
        (self, trace) -> {
          var runtime = self.runtime();
          int left = 0;
          for (int n = 1; n <= 500; n++) {
            Pid pid = self.spawn(Self::receive);
            runtime.register(NAME, pid);
            Ref timer = self.sendAfter(Duration.ofHours(1), pid, "late");
            self.monitor(pid);
            if (n % 2 == 0) {
              self.exit(pid, ExitReason.KILL);
            } else {
              self.send(pid, "x");
            }
            next(self);
            left +=
                runtime.whereis(NAME).isPresent()
                        || runtime.isAlive(pid)
                        || runtime.readTimer(timer).isPresent()
                        || runtime.info(pid).isPresent()
                    ? 1
                    : 0;
          }
          trace.ev(left);
        });
    scenario(
        "link_of_both_sides",
        (self, trace) -> {
          self.trapExits(true);
          Pid me = self.pid();
          Pid pid =
              self.spawn(
                  s -> {
                    s.link(me);
                    s.send(me, "linked");
                    exitsWithMessage(s);
                  });
          next(self);
          self.link(pid);
          self.unlink(pid);
          self.send(pid, "boom");
          ended(self, pid);
          trace.ev(flush(self));
        });
  }

  private static void tellsFirst(Self<Object> self, Pid to, String who) {
    self.send(to, tuple(who, self.receive()));
    self.receive();
  }

  private static Object valueOrUndefined(@Nullable Object value) {
    return value == null ? "undefined" : value;
  }
}
