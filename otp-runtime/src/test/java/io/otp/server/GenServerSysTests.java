package io.otp.server;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static io.otp.process.ExitReason.SHUTDOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.CallException.CallTimeoutException;
import io.otp.process.CrashReport;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessStatus;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.process.SysException;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Scripted.Do;
import io.otp.server.Scripted.Get;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Note;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GenServerSysTests {

  private static final ExitReason BOOM = ExitReason.other("boom");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scripted server = new Scripted();

  private ServerRef<Message> started() {
    return server.start(otp.runtime(), "state");
  }

  // --- suspended

  @Test
  @Rule("7.02") // sys_SUITE:suspend
  void suspendedServerKeepsItsMessagesInOrder() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    Sys.suspend(pid);
    assertThat(otp.runtime().info(pid).orElseThrow().summary().status())
        .isEqualTo(ProcessStatus.SUSPENDED);
    ref.cast(new Note(1));
    ref.send(2);
    var call = ref.callAsync(new Get(), LIMIT).toCompletableFuture();
    ref.cast(new Note(3));
    assertThat(Sys.getState(pid)).isEqualTo("state");
    assertThat(server.events()).isEmpty();
    assertThat(call).isNotDone();
    Sys.resume(pid);
    assertThat(TestRuntime.get(call, "the call")).isEqualTo("state");
    await("the last", () -> server.events().equals(List.of("1", "info 2", "3")));
  }

  @Test
  @Rule("7.02")
  void callToASuspendedServerTimesOut() {
    ServerRef<Message> ref = started();
    Sys.suspend(Scripted.pidOf(ref));
    assertThatThrownBy(() -> ref.call(new Get(), Duration.ofMillis(20)))
        .isInstanceOf(CallTimeoutException.class);
    Sys.resume(Scripted.pidOf(ref));
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule("7.02")
  void suspendedServerStillObeysItsParent() {
    var trapping = Scripted.trapping();
    otp.run(
        self -> {
          self.trapExits(true);
          Pid pid =
              Scripted.pidOf(
                  GenServers.startLink(self, trapping, inner -> "state", StartOptions.NONE));
          Sys.suspend(pid);
          self.send(pid, "never handled");
          self.exit(pid, SHUTDOWN);
          assertThat(next(self)).isEqualTo(new Exit(pid, SHUTDOWN));
        });
    assertThat(trapping.events()).containsExactly("terminate shutdown state");
  }

  @Test
  @Rule("7.03")
  void suspendTwiceAndResumeTwiceAreFine() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    Sys.resume(pid);
    Sys.suspend(pid);
    Sys.suspend(pid);
    Sys.resume(pid);
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule("7.05")
  void stateIsReplacedByHand() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    assertThat(Sys.replaceState(pid, old -> old + " repaired")).isEqualTo("state repaired");
    assertThat(ref.call(new Get())).isEqualTo("state repaired");
    Sys.suspend(pid);
    assertThat(Sys.replaceState(pid, old -> old + " twice")).isEqualTo("state repaired twice");
  }

  @Test
  @Rule("7.05")
  void replacementThatFailsLeavesTheState() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    assertThatThrownBy(
            () ->
                Sys.replaceState(
                    pid,
                    old -> {
                      throw new IllegalStateException("no idea");
                    }))
        .isInstanceOf(SysException.class)
        .hasMessage(
            "Process "
                + pid
                + " refused a system message: callback_failed, the state stays:"
                + " java.lang.IllegalStateException: no idea");
    assertThatThrownBy(
            () ->
                Sys.replaceState(
                    pid,
                    old -> {
                      throw new StackOverflowError();
                    }))
        .isInstanceOf(SysException.class);
    assertThatThrownBy(() -> Sys.replaceState(pid, old -> new ArrayList<>()))
        .hasMessageContaining("cannot be shown immutable");
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  // --- status

  @Test
  @Rule({"2.60", "7.06"})
  void statusIsWhatFormatStatusShows() {
    var secret = new Secret();
    otp.run(
        self -> {
          Pid pid =
              Scripted.pidOf(
                  GenServers.startLink(
                      self,
                      secret,
                      inner -> {
                        inner.put("key", "value");
                        return "password";
                      },
                      StartOptions.named("vault")));
          assertThat(Sys.getStatus(pid))
              .isEqualTo(
                  new Sys.Status(
                      pid,
                      "vault",
                      "GenServerSysTests$Secret",
                      "gen_server",
                      false,
                      self.pid(),
                      Map.of("key", "value"),
                      List.of(),
                      "hidden"));
          Sys.suspend(pid);
          Sys.log(pid);
          Sys.install(pid, "mine", 0, (n, event, of) -> n);
          assertThat(Sys.getStatus(pid).suspended()).isTrue();
          assertThat(Sys.getStatus(pid).debug()).containsExactly("log", "mine");
          assertThat(Sys.getState(pid)).as("get_state is the state itself").isEqualTo("password");
        });
  }

  @Test
  @Rule("2.60") // gen_server_SUITE:terminate_crash_format
  void reportsShowWhatFormatStatusShowsAndOthersSeeTheTruth() {
    var secret = new Secret();
    otp.run(
        self -> {
          self.trapExits(true);
          Pid pid =
              Scripted.pidOf(
                  GenServers.startLink(self, secret, inner -> "password", StartOptions.NONE));
          ServerRef.<Message>of(otp.runtime(), pid)
              .cast(new Do((state, inner) -> Next.stop(ExitReason.other("bad " + state), state)));
          assertThat(next(self)).isEqualTo(new Exit(pid, ExitReason.other("bad password")));
        });
    assertThat(otp.reports()).hasSize(2).noneMatch(r -> r.toString().contains("password"));
    var report = (TerminateReport) otp.reports().getFirst();
    assertThat(report.state()).isEqualTo("hidden");
    assertThat(report.lastMessage()).isEqualTo("a Do");
    assertThat(report.reason()).isEqualTo(ExitReason.other("bad ***"));
    assertThat(((CrashReport) otp.reports().getLast()).reason())
        .isEqualTo(ExitReason.other("bad ***"));
  }

  private static final class Secret extends Scripted {
    @Override
    public Status formatStatus(Status status) {
      Status shown = status.withState("hidden");
      if (status.lastMessage() != null) {
        shown = shown.withLastMessage("a " + status.lastMessage().getClass().getSimpleName());
      }
      return status.reason() == null ? shown : shown.withReason(ExitReason.other("bad ***"));
    }
  }

  @Test
  @Rule("2.60") // gen_server_SUITE:crash_in_format_status
  void formatStatusThatFailsHidesEverything() {
    for (boolean throwing : new boolean[] {true, false}) {
      var failing =
          new Scripted() {
            @Override
            public @Nullable Status formatStatus(Status status) {
              if (throwing) {
                throw new IllegalStateException("no");
              }
              return null;
            }
          };
      ServerRef<Message> ref = failing.start(otp.runtime(), "password");
      Pid pid = Scripted.pidOf(ref);
      String marker =
          "not shown: formatStatus of GenServerSysTests$1 "
              + (throwing ? "threw java.lang.IllegalStateException" : "returned null");
      assertThat(Sys.getStatus(pid).state()).isEqualTo(marker);
      assertThat(ref.call(new Get())).as("the server lives").isEqualTo("password");
      ref.cast(new Note("last"));
      ref.cast(new Do((state, self) -> Next.stop(BOOM, state)));
      await("the reports", () -> otp.reports().stream().filter(r -> r.pid() == pid).count() == 2);
      TerminateReport report =
          (TerminateReport)
              otp.reports().stream().filter(r -> r.pid() == pid).findFirst().orElseThrow();
      assertThat(report.state()).isEqualTo(marker);
      assertThat(report.lastMessage()).isEqualTo(marker);
      assertThat(report.reason()).isEqualTo(BOOM);
    }
  }

  // --- code change

  @Test
  @Rule({"2.61", "7.04"})
  void codeIsChangedWhileSuspended() {
    var changing = new Changing();
    ServerRef<Message> ref = changing.start(otp.runtime(), "state");
    Pid pid = Scripted.pidOf(ref);
    Sys.suspend(pid);
    Sys.changeCode(pid, "1", "extra");
    Sys.resume(pid);
    assertThat(ref.call(new Get())).isEqualTo("changed 1 state extra");
  }

  @Test
  @Rule({"2.61", "7.04"})
  void codeIsNotChangedWhileRunning() {
    var changing = new Changing();
    ServerRef<Message> ref = changing.start(otp.runtime(), "state");
    Pid pid = Scripted.pidOf(ref);
    assertThatThrownBy(() -> Sys.changeCode(pid, "1", null))
        .isInstanceOf(SysException.class)
        .hasMessage(
            "Process "
                + pid
                + " refused a system message: unknown_system_msg, code is changed only while a"
                + " process is suspended: suspend it first");
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule({"2.61", "7.04"})
  void codeChangeThatFailsLeavesTheOldState() {
    var changing = new Changing();
    ServerRef<Message> ref = changing.start(otp.runtime(), "state");
    Pid pid = Scripted.pidOf(ref);
    Sys.suspend(pid);
    for (Object extra :
        List.of(
            new IllegalStateException("x"),
            new java.io.IOException("y"),
            new NoSuchMethodError("z"))) {
      changing.failure = (Throwable) extra;
      assertThatThrownBy(() -> Sys.changeCode(pid, "1", null))
          .isInstanceOf(SysException.class)
          .hasMessage(
              "Process "
                  + pid
                  + " refused a system message: code_change failed, the old state stays: "
                  + extra);
    }
    changing.failure = null;
    changing.mutable = true;
    assertThatThrownBy(() -> Sys.changeCode(pid, "1", null))
        .hasMessageContaining("cannot be shown immutable");
    Sys.resume(pid);
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  @Test
  @Rule("2.61")
  void codeChangeKeepsTheStateByDefault() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    Sys.suspend(pid);
    Sys.changeCode(pid, "1", null);
    Sys.resume(pid);
    assertThat(ref.call(new Get())).isEqualTo("state");
  }

  private static final class Changing extends Scripted {
    volatile @Nullable Throwable failure;
    volatile boolean mutable;

    @Override
    public Object codeChange(
        String oldVersion, Object state, @Nullable Object extra, Self<Message> self)
        throws Exception {
      if (failure instanceof Exception e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      return mutable ? new ArrayList<>() : "changed " + oldVersion + " " + state + " " + extra;
    }
  }

  @Test
  @Rule({"2.55", "7.01"})
  void systemMessagesToADeadServerFail() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    GenServers.stop(ref);
    assertThatThrownBy(() -> Sys.getState(pid))
        .isInstanceOf(io.otp.process.CallException.NoProcessException.class);
  }

  @Test
  @Rule("7.02")
  void suspendedServersAnswerWhileOthersWait() {
    ServerRef<Message> ref = started();
    Pid pid = Scripted.pidOf(ref);
    Sys.suspend(pid);
    var waiting = new ArrayList<CompletableFuture<Object>>();
    for (int i = 0; i < 500; i++) {
      waiting.add(ref.callAsync(new Get(), LIMIT).toCompletableFuture());
    }
    for (int i = 0; i < 100; i++) {
      assertThat(Sys.getState(pid)).isEqualTo("state");
    }
    Sys.resume(pid);
    waiting.forEach(call -> assertThat(TestRuntime.get(call, "a call")).isEqualTo("state"));
  }
}
