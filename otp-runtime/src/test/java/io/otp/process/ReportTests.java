package io.otp.process;

import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What processes without a supervisor report when they end. */
@Timeout(60)
class ReportTests {

  private static final ExitReason BOOM = ExitReason.other("boom");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private Pid endOf(Consumer<Self<Object>> body) {
    return otp.get(
        self -> {
          Pid pid = self.spawnMonitor(body).pid();
          next(self, Down.class);
          return pid;
        });
  }

  private Pid endOf(Behaviour behaviour, @Nullable Object message) {
    return otp.get(
        self -> {
          Pid pid = self.spawn(behaviour, SpawnOptions.MONITOR).pid();
          if (message != null) {
            self.send(pid, message);
          }
          next(self, Down.class);
          return pid;
        });
  }

  @Test
  @Rule({"13.05", "13.06"})
  void crashOfRawProcessIsOneErrorOfTheEmulator() {
    Pid pid =
        endOf(
            self -> {
              throw new IllegalStateException("bad");
            });
    assertThat(otp.reports())
        .singleElement()
        .isInstanceOfSatisfying(
            ErrorReport.class,
            report -> {
              assertThat(report.pid()).isEqualTo(pid);
              assertThat(report.level()).isEqualTo(Report.Level.ERROR);
              assertThat(report.label()).isEqualTo("emulator,error");
              assertThat(report.toString()).contains(pid.toString()).contains("bad");
            });
  }

  @Test
  @Rule("13.06")
  void rawProcessThatExitsIsNotReportedWhateverItsReason() {
    for (ExitReason reason :
        List.of(BOOM, ExitReason.NORMAL, ExitReason.SHUTDOWN, ExitReason.KILL)) {
      endOf(
          self -> {
            throw new ProcessExit(reason);
          });
    }
    endOf(self -> {});
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("13.06")
  void rawProcessThatIsEndedByOthersIsNotReported() {
    otp.run(
        self -> {
          for (ExitReason reason : List.of(BOOM, ExitReason.KILL, ExitReason.SHUTDOWN)) {
            Pid pid = self.spawnMonitor(Self::receive).pid();
            self.exit(pid, reason);
            next(self, Down.class);
          }
        });
    assertThat(otp.reports()).isEmpty();
  }

  /** It unwinds with an error of ours, which is not the reason of its end. */
  @Test
  @Rule({"13.06", "1.56"})
  void killedProcessThatThrowsOnItsWayOutIsNotReported() {
    otp.run(
        self -> {
          Pid pid =
              self.spawnMonitor(
                      s -> {
                        try {
                          s.receive();
                        } finally {
                          throwOnTheWayOut();
                        }
                      })
                  .pid();
          self.exit(pid, ExitReason.KILL);
          assertThat(next(self, Down.class).reason()).isEqualTo(ExitReason.KILLED);
        });
    assertThat(otp.reports()).isEmpty();
  }

  private static void throwOnTheWayOut() {
    throw new IllegalStateException("on the way out");
  }

  /** A behaviour is started as {@code proc_lib} starts one. */
  @Test
  @Rule({"13.06", "13.07"})
  void crashOfBehaviourIsOneCrashReport() {
    Pid pid =
        endOf(
            new TestBehaviour(),
            TestBehaviour.run(
                s -> {
                  s.register("name");
                  throw new IllegalStateException("bad");
                }));
    assertThat(otp.reports())
        .singleElement()
        .isInstanceOfSatisfying(
            CrashReport.class,
            report -> {
              assertThat(report.pid()).isEqualTo(pid);
              assertThat(report.label()).isEqualTo("proc_lib,crash");
              assertThat(report.registeredName()).isEqualTo("name");
              assertThat(report.initialCall()).isEqualTo("TestBehaviour");
              assertThat(report.reason()).isInstanceOf(ExitReason.Crash.class);
            });
  }

  @Test
  @Rule("13.07")
  void crashReportShowsTheProcessAsItWas() {
    otp.run(
        self -> {
          Pid me = self.pid();
          self.trapExits(true);
          Pid pid = self.spawn(new TestBehaviour(), SpawnOptions.LINK).pid();
          self.send(
              pid,
              TestBehaviour.run(
                  s -> {
                    s.trapExits(true);
                    s.put("key", "value");
                    s.send(me, "inside");
                    s.receive(message -> message.equals("go") ? Receive.take("") : Receive.skip());
                    throw new ProcessExit(BOOM);
                  }));
          assertThat(next(self)).isEqualTo("inside");
          self.send(pid, "waits");
          self.send(pid, "go");
          next(self, Exit.class);
          CrashReport report = (CrashReport) otp.reports().getFirst();
          assertThat(report.pid()).isEqualTo(pid);
          assertThat(report.registeredName()).isNull();
          assertThat(report.ancestors()).containsExactly(me);
          assertThat(report.links()).containsExactly(me);
          assertThat(report.neighbours()).as("its parent traps exits").isEmpty();
          assertThat(report.trapsExits()).isTrue();
          assertThat(report.messageQueueLength()).isEqualTo(1);
          assertThat(report.handled()).isEqualTo(2);
          assertThat(report.dictionary()).isEqualTo(Map.of("key", "value"));
        });
  }

  /** A chain of twenty, with one that traps exits beside it, ends from its first. */
  @Test
  @Rule("13.07")
  void crashReportNamesTheNeighboursThatEndWithTheProcess() {
    otp.run(
        self -> {
          Pid pid = self.spawn(new TestBehaviour(), SpawnOptions.NONE).pid();
          Pid me = self.pid();
          var chain = new ArrayList<Pid>();
          for (int i = 0; i < 20; i++) {
            Pid before = i == 0 ? pid : chain.getLast();
            chain.add(self.spawn(s -> linkAndWait(s, before, false, me)));
            next(self);
          }
          self.spawn(s -> linkAndWait(s, pid, true, me));
          next(self);
          self.monitor(pid);
          self.send(
              pid,
              TestBehaviour.run(
                  s -> {
                    throw new ProcessExit(BOOM);
                  }));
          next(self, Down.class);
          CrashReport report = (CrashReport) otp.reports().getFirst();
          assertThat(report.links()).hasSize(2);
          assertThat(report.neighbours()).isEqualTo(chain.subList(0, 15));
        });
  }

  private static void linkAndWait(Self<Object> self, Pid to, boolean traps, Pid parent) {
    self.trapExits(traps);
    self.link(to);
    self.send(parent, "linked");
    self.receive();
  }

  @Test
  @Rule("13.06")
  void behaviourThatExitsAbnormallyIsReportedToo() {
    endOf(
        new TestBehaviour(),
        TestBehaviour.run(
            s -> {
              throw new ProcessExit(BOOM);
            }));
    assertThat(otp.reports())
        .singleElement()
        .isInstanceOfSatisfying(
            CrashReport.class, report -> assertThat(report.reason()).isEqualTo(BOOM));
  }

  @Test
  @Rule("13.06")
  void behaviourThatExitsInAnOrderlyWayIsNotReported() {
    for (ExitReason reason :
        List.of(ExitReason.NORMAL, ExitReason.SHUTDOWN, new ExitReason.ShutdownWith("why"))) {
      endOf(
          new TestBehaviour(),
          TestBehaviour.run(
              s -> {
                throw new ProcessExit(reason);
              }));
    }
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("13.06")
  void killedBehaviourIsNotReported() {
    otp.run(
        self -> {
          Pid pid = self.spawn(new TestBehaviour(), SpawnOptions.MONITOR).pid();
          self.exit(pid, ExitReason.KILL);
          next(self, Down.class);
        });
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  @Rule("13.06")
  void reportComesBeforeAnybodyHearsOfTheDeath() {
    var order = new CopyOnWriteArrayList<>();
    otp.runtime().addReportHandler(report -> order.add("report"));
    otp.run(
        self -> {
          for (int i = 0; i < 200; i++) {
            self.spawnMonitor(
                s -> {
                  throw new IllegalStateException("bad");
                });
            next(self, Down.class);
            order.add("down");
            assertThat(order).containsExactly("report", "down");
            order.clear();
          }
        });
  }

  @Test
  @Rule("13.03")
  void handlerThatFailsIsRemovedAndTheOthersGoOn() {
    var failing = new AtomicInteger();
    otp.runtime()
        .addReportHandler(
            report -> {
              failing.incrementAndGet();
              throw new AssertionError("a handler that fails");
            });
    var others = new AtomicInteger();
    otp.runtime().addReportHandler(report -> others.incrementAndGet());
    for (int i = 0; i < 3; i++) {
      otp.runtime().report(new ErrorReport(otp.runtime().nobody(), BOOM));
    }
    assertThat(failing).hasValue(1);
    assertThat(others).hasValue(3);
  }

  @Test
  @Rule("13.04")
  void handlerRunsInTheProcessThatReports() {
    var inside = new AtomicReference<Thread>();
    var handling = new AtomicReference<Thread>();
    otp.runtime().addReportHandler(report -> handling.set(Thread.currentThread()));
    endOf(
        self -> {
          inside.set(Thread.currentThread());
          throw new IllegalStateException("bad");
        });
    assertThat(handling).hasValue(inside.get());
    endOf(
        new TestBehaviour(),
        TestBehaviour.run(
            self -> {
              inside.set(Thread.currentThread());
              throw new IllegalStateException("bad");
            }));
    assertThat(handling).hasValue(inside.get());
  }

  /** Of the eight levels of OTP's logger, reports have three. */
  @Test
  @Rule("13.01")
  void reportIsDataWithALevelALabelAndAPid() {
    Pid pid = otp.runtime().nobody();
    var report = new ErrorReport(pid, BOOM);
    assertThat(report.level()).isEqualTo(Report.Level.ERROR);
    assertThat(report.label()).isEqualTo("emulator,error");
    assertThat(report.pid()).isEqualTo(pid);
    assertThat(report).isInstanceOf(Record.class);
  }
}
