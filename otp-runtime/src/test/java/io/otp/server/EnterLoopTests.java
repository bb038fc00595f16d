package io.otp.server;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.CallException;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessStatus;
import io.otp.process.Receive;
import io.otp.process.Sys;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Scripted.Ask;
import io.otp.server.Scripted.Do;
import io.otp.server.Scripted.Get;
import io.otp.server.Scripted.Ignore;
import io.otp.server.Scripted.Message;
import io.otp.server.Scripted.Note;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class EnterLoopTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final Scripted server = new Scripted();

  private ServerRef<Message> entered() {
    Pid pid = otp.runtime().spawn(self -> GenServers.enterLoop(self, server, "state"));
    return ServerRef.of(otp.runtime(), pid);
  }

  @Test
  @Rule("2.62") // gen_server_SUITE:enter_loop
  void rawProcessBecomesAServerForTools() {
    ServerRef<Message> ref = entered();
    assertThat(ref.call(new Get())).isEqualTo("state");
    Pid pid = Scripted.pidOf(ref);
    assertThat(Sys.getStatus(pid).module()).isEqualTo("Scripted");
    await(
        "it waits",
        () -> otp.runtime().summary(pid).orElseThrow().status() == ProcessStatus.WAITING);
    Sys.suspend(pid);
    ref.cast(new Note(1));
    ref.cast(new Note(2));
    assertThat(Sys.getState(pid)).isEqualTo("state");
    assertThat(server.events()).isEmpty();
    Sys.resume(pid);
    await("both", () -> server.events().equals(List.of("1", "2")));
  }

  @Test
  @Rule("2.62")
  void timeoutsAndContinuationsWork() {
    Pid pid =
        otp.runtime()
            .spawn(
                self ->
                    GenServers.enterLoop(
                        self,
                        server,
                        Next.<Object>noreply("state", Next.timeout(Duration.ofMillis(1))),
                        null));
    await("the timeout", () -> server.events().contains("info timeout"));
    assertThat(Sys.getState(pid)).isEqualTo("state");
  }

  @Test
  @Rule("2.62")
  void endIsThatOfAServer() {
    ServerRef<Message> ref = entered();
    Pid pid = Scripted.pidOf(ref);
    var waiting = ref.callAsync(new Ignore(), LIMIT).toCompletableFuture();
    ref.cast(new Do((state, self) -> Next.stop(ExitReason.other("boom"), state)));
    await("the end", () -> !otp.runtime().isAlive(pid));
    assertThat(server.events()).containsExactly("terminate boom state");
    assertThat(
            waiting
                .handle((reply, error) -> ((CallException) error).cause())
                .orTimeout(LIMIT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                .join())
        .isEqualTo(ExitReason.other("boom"));
    await("its reports", () -> otp.reports().size() == 2);
    assertThat(otp.reports().getFirst()).isInstanceOf(TerminateReport.class);
  }

  @Test
  @Rule("2.62")
  void bodyIsLeftAlsoIfItCatchesEverything() {
    var left = new CompletableFuture<Throwable>();
    Pid pid =
        otp.runtime()
            .spawn(
                self -> {
                  try {
                    GenServers.enterLoop(self, server, "state");
                  } catch (Throwable t) {
                    left.complete(t);
                    self.receive(); // throws too
                    left.obtrudeValue(new AssertionError("went on"));
                  }
                });
    GenServers.stop(ServerRef.of(otp.runtime(), pid), ExitReason.SHUTDOWN, LIMIT);
    assertThat(TestRuntime.get(left, "the body is left"))
        .isInstanceOf(io.otp.process.ProcessKilledError.class);
    assertThat(server.events()).containsExactly("terminate shutdown state");
  }

  @Test
  @Rule("2.62")
  void killWakesOneThatWaits() {
    ServerRef<Message> ref = entered();
    assertThat(ref.call(new Get())).isEqualTo("state");
    Pid pid = Scripted.pidOf(ref);
    var down = new CountDownLatch(1);
    otp.runtime().atExit(pid, reason -> down.countDown());
    otp.runtime().exit(pid, ExitReason.KILL);
    assertThat(TestRuntime.await(down)).isTrue();
    assertThat(server.events()).isEmpty();
  }

  @Test
  @Rule("2.62")
  void onlyABodyMayEnterALoop() {
    ServerRef<Message> ref = server.start(otp.runtime(), "state");
    assertThat(
            ref.call(
                new Ask(
                    (ask, state, self) -> {
                      try {
                        GenServers.enterLoop(self, server, "again");
                        return Next.reply(ask, "entered", state);
                      } catch (IllegalStateException e) {
                        return Next.reply(ask, String.valueOf(e.getMessage()), state);
                      }
                    })))
        .isEqualTo(
            "Process "
                + Scripted.pidOf(ref)
                + " runs Scripted already. Call enterLoop at the end of the body that a process"
                + " was spawned with.");
    otp.run(
        self -> {
          self.send(self.pid(), "x");
          self.receive(
              message -> {
                try {
                  GenServers.enterLoop(self, server, "in a clause");
                  return Receive.skip();
                } catch (IllegalStateException e) {
                  assertThat(e)
                      .hasMessage(
                          "Process "
                              + self.pid()
                              + " cannot enter a loop in a clause of a receive. Call enterLoop at"
                              + " the end of the body that a process was spawned with.");
                  return Receive.take(message);
                }
              });
        });
  }

  @Test
  @Rule("2.62")
  void replyOrStopIsNoBeginning() {
    var text = new CompletableFuture<String>();
    otp.runtime()
        .spawn(
            self -> {
              try {
                GenServers.enterLoop(
                    self, server, Next.<Object>stop(ExitReason.SHUTDOWN, "state"), null);
              } catch (IllegalArgumentException e) {
                text.complete(e.getMessage());
              }
            });
    assertThat(TestRuntime.get(text, "the refusal"))
        .isEqualTo(
            "A server cannot enter its loop with "
                + Next.stop(ExitReason.SHUTDOWN, "state")
                + ". Use Next.noreply.");
  }

  @Test
  @Rule("2.62")
  void itsParentIsWhoSpawnedAndLinkedToIt() {
    otp.run(
        self -> {
          self.trapExits(true);
          Pid pid =
              self.spawnLink(
                  mine -> {
                    mine.trapExits(true);
                    GenServers.enterLoop(mine, server, "state");
                  });
          assertThat(Sys.getStatus(pid).parent()).isEqualTo(self.pid());
          self.exit(pid, ExitReason.SHUTDOWN);
          assertThat(next(self)).isEqualTo(new Exit(pid, ExitReason.SHUTDOWN));
        });
    assertThat(server.events()).containsExactly("terminate shutdown state");
  }

  @Test
  @Rule("2.62")
  void itStartsOthersAsAServerDoes() {
    Pid pid =
        otp.runtime()
            .spawn(
                self -> {
                  self.register("outer");
                  GenServers.enterLoop(self, server, Next.noreply("state"), "outer");
                });
    Object inner =
        ServerRef.<Message>of(otp.runtime(), pid)
            .call(
                new Ask(
                    (ask, state, self) ->
                        Next.reply(
                            ask,
                            Scripted.pidOf(
                                GenServers.startLink(
                                    self, server, mine -> "inner", StartOptions.NONE)),
                            state)));
    assertThat(Sys.getState((Pid) inner)).isEqualTo("inner");
  }
}
