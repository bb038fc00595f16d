package io.otp.process;

import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
}
