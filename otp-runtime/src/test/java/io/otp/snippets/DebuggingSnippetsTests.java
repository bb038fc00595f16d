package io.otp.snippets;

import static io.otp.TestRuntime.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.CallException.CallTimeoutException;
import io.otp.process.CallbackModule;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.Sys;
import io.otp.process.SysException;
import io.otp.process.SystemEvent;
import io.otp.process.Tracer.Flag;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.snippets.TokenBucket.State;
import io.otp.snippets.TokenBucket.Take;
import io.otp.trace.Trace;
import io.otp.trace.TraceEvent;
import io.otp.trace.TraceLimits;
import io.otp.trace.TraceSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of docs/debugging.md and docs/special-processes.md do what those pages say. */
class DebuggingSnippetsTests {

  private static final Duration NEVER = Duration.ofDays(1);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private ServerRef<Object> bucket(Self<Object> self) {
    StartResult result = TokenBucket.startLink(self, 2, NEVER);
    return ServerRef.of(self.runtime(), ((StartResult.Started) result).pid());
  }

  @Test
  @Rule({"7.01", "8.60"}) // sys_SUITE:special_process
  void specialProcessObeysSys() {
    otp.run(
        self -> {
          ServerRef<Object> ref = bucket(self);
          Pid pid = ref.whereis().orElseThrow();
          Sys.log(pid);
          Sys.statistics(pid, true);
          assertThat(ref.call(new Take())).isTrue();
          assertThat(Sys.getState(pid)).isEqualTo(new State(1, 2));
          assertThat(Sys.getLog(pid))
              .containsExactly(
                  new SystemEvent.In("call", new Take(), self.pid(), null),
                  new SystemEvent.Out(true, self.pid(), new State(1, 2)));
          assertThat(Sys.getStatistics(pid).orElseThrow().messagesIn()).isEqualTo(1);
          Sys.suspend(pid);
          var waiting = ref.callAsync(new Take(), LIMIT).toCompletableFuture();
          Sys.changeCode(pid, "1", 5);
          Sys.replaceState(pid, old -> ((State) old).withTokens(5));
          assertThat(waiting).isNotDone();
          Sys.resume(pid);
          assertThat(TestRuntime.get(waiting, "the call")).isTrue();
          Sys.Status status = Sys.getStatus(pid);
          assertThat(status.state()).isEqualTo(new State(4, 5));
          assertThat(status.parent()).isEqualTo(self.pid());
          assertThat(status.behaviour()).isEqualTo("special");
          self.unlink(pid);
          assertThat(Sys.terminate(pid, ExitReason.SHUTDOWN, LIMIT)).isEqualTo(ExitReason.SHUTDOWN);
        });
  }

  @Test
  @Rule("7.01")
  void behaviourThatWritesNothingIsSuspendedAndRefusesTheRest() {
    Pid pid = otp.runtime().spawn(new Minimal(), SpawnOptions.NONE);
    Sys.suspend(pid);
    assertThat(Sys.getStatus(pid).suspended()).isTrue();
    assertThatThrownBy(() -> Sys.getState(pid))
        .isInstanceOf(SysException.class)
        .hasMessage(
            "Process "
                + pid
                + " refused a system message: get_state:"
                + " java.lang.UnsupportedOperationException: Minimal has no systemGetState."
                + " Override it in io.otp.snippets.DebuggingSnippetsTests$Minimal.");
    assertThatThrownBy(() -> Sys.changeCode(pid, "1", null))
        .isInstanceOf(SysException.class)
        .hasMessageContaining("Minimal has no systemCodeChange");
    assertThatThrownBy(() -> Sys.replaceState(pid, old -> old))
        .isInstanceOf(SysException.class)
        .hasMessageContaining("Minimal has no systemReplaceState");
    assertThat(Sys.terminate(pid, ExitReason.NORMAL, LIMIT)).isEqualTo(ExitReason.NORMAL);
  }

  @Test
  @Rule("7.01")
  void rawProcessDoesNotAnswer() {
    Pid raw = otp.runtime().spawn(self -> self.receive());
    assertThatThrownBy(() -> Sys.getLog(raw, Duration.ofMillis(20)))
        .isInstanceOf(CallTimeoutException.class);
    assertThatThrownBy(() -> Sys.suspend(raw, Duration.ofMillis(20)))
        .isInstanceOf(CallTimeoutException.class);
  }

  private static final class Minimal extends Behaviour {
    @Override
    protected CallbackModule module() {
      return CallbackModule.of("Minimal", "special");
    }

    @Override
    protected @Nullable ExitReason init(Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
      return null;
    }
  }

  // --- docs/debugging.md

  record Get() implements Call<Get, Integer> {}

  static final class Counter implements GenServer<Get, Integer> {
    @Override
    public Integer init(NoArgs args, Self<Get> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Get get, Integer state, Self<Get> self) {
      return Next.reply(get, state, state + 1);
    }
  }

  private Pid counter() {
    StartResult result =
        GenServers.start(
            otp.runtime(), new Counter(), NoArgs.NO_ARGS, StartOptions.named("counter"));
    return ((StartResult.Started) result).pid();
  }

  @Test
  void pageShowsHowToLogAndInstall() {
    Pid pid = counter();
    ServerRef<Get> counter = ServerRef.of(otp.runtime(), pid);
    Sys.log(pid, 100);
    Sys.statistics(pid, true);
    counter.call(new Get());
    List<SystemEvent> events = Sys.getLog(pid); // In[kind=call, …], Out[reply=0, …]
    long handled = Sys.getStatistics(pid).orElseThrow().messagesIn(); // 1
    Sys.install(
        pid,
        "first-big",
        0,
        (seen, event, process) ->
            event instanceof SystemEvent.Out out && (Integer) out.reply() > 1 ? null : seen + 1);
    assertThat(events).hasSize(2);
    assertThat(handled).isEqualTo(1);
    assertThat(Sys.getStatus(pid).debug()).containsExactly("log", "statistics", "first-big");
    counter.call(new Get());
    counter.call(new Get());
    assertThat(Sys.getStatus(pid).debug()).containsExactly("log", "statistics");
    Sys.noDebug(pid);
    assertThat(Sys.getStatus(pid).debug()).isEmpty();
  }

  @Test
  void pageShowsHowToTrace() throws Exception {
    Pid pid = counter();
    BlockingQueue<TraceEvent> events = new LinkedBlockingQueue<>();
    TraceSession session =
        Trace.in(otp.runtime())
            .name("counter")
            .flags(Flag.RECEIVE, Flag.SEND)
            .limits(TraceLimits.DEFAULT.withMax(100).withTime(Duration.ofSeconds(30)))
            .start(events::add);
    ServerRef.<Get>of(otp.runtime(), pid).call(new Get());
    TraceEvent first = events.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(first).isNotNull();
    assertThat(first.pid()).isEqualTo(pid);
    assertThat(first.content()).isEqualTo("DebuggingSnippetsTests$Get");
    session.close();
  }

  @Test
  void codeOnThePagesIsThisCode() throws IOException {
    for (String page : List.of("debugging.md", "special-processes.md")) {
      String text = Files.readString(Path.of("..", "docs", page));
      String code =
          squeeze(Files.readString(Path.of("src/test/java/io/otp/snippets/TokenBucket.java")))
              + squeeze(
                  Files.readString(
                      Path.of("src/test/java/io/otp/snippets/DebuggingSnippetsTests.java")));
      Matcher m = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(text);
      int found = 0;
      while (m.find()) {
        assertThat(code).as(page).contains(squeeze(m.group(1)));
        found++;
      }
      assertThat(found).as(page).isPositive();
    }
  }

  private static String squeeze(String code) {
    return code.replaceAll("\\s+", "");
  }
}
