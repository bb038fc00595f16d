package io.otp.process;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bounded mailboxes: what is offered in place of {@code max_heap_size} (1.88). */
@Timeout(120)
class MailboxBoundTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** A server that is stopped in its first callback until {@link #release} is called. */
  private final class Stopped {
    final CountDownLatch inside = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);
    final List<Object> handled = new ArrayList<>();
    final Pid pid;

    Stopped(MailboxBound bound) {
      pid =
          otp.runtime()
              .spawn(
                  new TestBehaviour(TestBehaviour.newModule().withMailbox(bound)) {
                    @Override
                    protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
                      synchronized (handled) {
                        handled.add(info instanceof Info.Message(var value) ? value : info);
                      }
                      return null;
                    }
                  },
                  SpawnOptions.NONE);
      otp.runtime()
          .send(
              pid,
              TestBehaviour.run(
                  self -> {
                    inside.countDown();
                    await(release);
                  }));
      await(inside);
    }

    void handles(Object... expected) {
      release.countDown();
      await("all is handled", () -> handledNow().size() >= expected.length);
      assertThat(handledNow()).containsExactly(expected);
    }

    private List<Object> handledNow() {
      synchronized (handled) {
        return List.copyOf(handled);
      }
    }
  }

  private static TestBehaviour.Ask ask() {
    return new TestBehaviour.Ask(
        (request, self) -> {
          request.reply("ok");
          return null;
        });
  }

  @Test
  @Rule("1.88")
  void rejectTellsTheSender() {
    var server = new Stopped(MailboxBound.of(2, Overload.REJECT));
    otp.runtime().send(server.pid, 1);
    otp.runtime().send(server.pid, 2);
    assertThatThrownBy(() -> otp.runtime().send(server.pid, 3))
        .isInstanceOfSatisfying(
            MailboxFullException.class,
            e -> {
              assertThat(e.receiver()).isEqualTo(server.pid);
              assertThat(e.limit()).isEqualTo(2);
            });
    assertThatThrownBy(() -> otp.runtime().call(otp.runtime().address(server.pid), ask(), LIMIT))
        .isInstanceOf(CallException.MailboxFullException.class);
    assertThat(otp.runtime().info(server.pid).orElseThrow().refusedMessages()).isEqualTo(2);
    server.handles(1, 2);
  }

  @Test
  @Rule("1.88")
  void dropNewestDropsSilently() {
    var server = new Stopped(MailboxBound.of(2, Overload.DROP_NEWEST));
    for (int i = 1; i <= 4; i++) {
      otp.runtime().send(server.pid, i);
    }
    assertThatThrownBy(() -> otp.runtime().call(otp.runtime().address(server.pid), ask(), LIMIT))
        .isInstanceOf(CallException.MailboxFullException.class);
    server.handles(1, 2);
  }

  @Test
  @Rule("1.88")
  void dropOldestMakesRoom() {
    var server = new Stopped(MailboxBound.of(2, Overload.DROP_OLDEST));
    var dropped = new CompletableFuture<Object>();
    otp.runtime()
        .callAsync(otp.runtime().address(server.pid), ask(), LIMIT)
        .whenComplete((reply, error) -> dropped.complete(error == null ? reply : error));
    for (int i = 1; i <= 4; i++) {
      otp.runtime().send(server.pid, i);
    }
    assertThat(TestRuntime.get(dropped, "the dropped call is answered at once"))
        .isInstanceOf(CallException.MailboxFullException.class);
    server.handles(3, 4);
  }

  @Test
  @Rule("1.88")
  void killEndsTheReceiverAndReports() {
    otp.run(
        self -> {
          var server = new Stopped(MailboxBound.of(2, Overload.KILL));
          Ref ref = self.monitor(server.pid);
          for (int i = 1; i <= 3; i++) {
            self.send(server.pid, i);
          }
          assertThat(next(self)).isEqualTo(new Down(ref, server.pid, ExitReason.KILLED));
          assertThat(otp.reports())
              .singleElement()
              .isInstanceOfSatisfying(
                  ErrorReport.class,
                  report -> {
                    assertThat(report.pid()).isEqualTo(server.pid);
                    assertThat(report.toString()).contains("mailbox_full").contains("2 messages");
                  });
          server.release.countDown();
        });
  }

  @Test
  @Rule("1.88")
  void blockMakesTheSenderWait() {
    var server =
        new Stopped(new MailboxBound(1, Overload.BLOCK, Duration.ofSeconds(LIMIT.toSeconds())));
    otp.runtime().send(server.pid, 1);
    var sent = new CountDownLatch(1);
    otp.runtime()
        .spawn(
            self -> {
              self.send(server.pid, 2);
              sent.countDown();
            });
    otp.run(self -> self.sleep(QUIET));
    assertThat(sent.getCount()).isEqualTo(1);
    server.handles(1, 2);
    await(sent);
  }

  @Test
  @Rule("1.88")
  void blockRefusesAfterItsTimeout() {
    var server = new Stopped(new MailboxBound(1, Overload.BLOCK, Duration.ofMillis(20)));
    otp.runtime().send(server.pid, 1);
    assertThatThrownBy(() -> otp.runtime().send(server.pid, 2))
        .isInstanceOf(MailboxFullException.class);
    server.handles(1);
  }

  @Test
  @Rule({"1.55", "1.88"})
  void senderThatIsKilledWhileItWaitsForRoomSeesThat() {
    otp.run(
        self -> {
          var server = new Stopped(new MailboxBound(1, Overload.BLOCK, LIMIT));
          self.send(server.pid, 1);
          var waits = new CountDownLatch(1);
          var seen = new CompletableFuture<Throwable>();
          Self.Monitored sender =
              self.spawnMonitor(
                  s -> {
                    waits.countDown();
                    try {
                      s.send(server.pid, 2);
                    } catch (Throwable t) {
                      seen.complete(t);
                      throw t;
                    }
                  });
          await(waits);
          self.exit(sender.pid(), ExitReason.KILL);
          assertThat(next(self)).isEqualTo(new Down(sender.ref(), sender.pid(), ExitReason.KILLED));
          assertThat(TestRuntime.get(seen, "the send ends")).isInstanceOf(ProcessKilledError.class);
          server.handles(1);
        });
  }

  @ParameterizedTest
  @EnumSource(value = Overload.class)
  @Rule("1.88")
  void signalsAlwaysPass(Overload policy) {
    otp.run(
        self -> {
          Pid me = self.pid();
          var release = new CountDownLatch(1);
          var inside = new CountDownLatch(1);
          Pid peer = self.spawn(Self::receive);
          Pid server =
              self.spawn(
                      new TestBehaviour(
                          TestBehaviour.newModule()
                              .withMailbox(new MailboxBound(1, policy, Duration.ofMillis(10))),
                          s -> {
                            s.trapExits(true);
                            s.monitor(peer);
                            return null;
                          }) {
                        @Override
                        protected @Nullable ExitReason onInfo(Info info, Self<Object> s) {
                          if (!(info instanceof Info.Message)) {
                            s.send(me, info);
                          }
                          return null;
                        }
                      },
                      SpawnOptions.LINK)
                  .pid();
          self.send(
              server,
              TestBehaviour.run(
                  s -> {
                    s.startTimer(Duration.ZERO, "timer");
                    inside.countDown();
                    await(release);
                  }));
          await(inside);
          self.send(server, "fills it");
          self.exit(peer, ExitReason.KILL);
          self.monitor(peer);
          next(self, Down.class);
          self.exit(server, ExitReason.other("trapped"));
          release.countDown();
          var infos = new ArrayList<Object>();
          for (int i = 0; i < 3; i++) {
            infos.add(next(self).getClass());
          }
          assertThat(infos).containsExactlyInAnyOrder(TimerExpired.class, Down.class, Exit.class);
          self.unlink(server);
        });
  }

  /**
   * Under DROP_OLDEST senders and consumer share a queue; a receive inside a callback walks through
   * it.
   */
  @Test
  @Rule({"1.84", "1.88"})
  void receiveInCallbackSurvivesDropsMeanwhile() {
    var stop = new AtomicBoolean();
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid server =
              self.spawn(
                      new TestBehaviour(
                          TestBehaviour.newModule()
                              .withMailbox(MailboxBound.of(8, Overload.DROP_OLDEST))),
                      SpawnOptions.NONE)
                  .pid();
          self.send(
              server,
              TestBehaviour.run(
                  s -> {
                    int last = 0;
                    for (int round = 0; round < 3_000; round++) {
                      int floor = last;
                      last =
                          s.receive(
                              m ->
                                  m instanceof Integer n && n % 3 == 0
                                      ? Receive.take(n)
                                      : Receive.skip());
                      if (last <= floor) {
                        throw new AssertionError(last + " after " + floor);
                      }
                    }
                    s.send(me, "ok");
                  }));
          Ref ref = self.monitor(server);
          Thread sender =
              Thread.ofPlatform()
                  .daemon()
                  .start(
                      () -> {
                        for (int i = 1; !stop.get(); i++) {
                          otp.runtime().send(server, i);
                        }
                      });
          Object end = next(self);
          stop.set(true);
          assertThat(end).isEqualTo("ok");
          assertThat(sender).isNotNull();
          self.demonitorFlush(ref);
        });
  }

  @Test
  @Rule({"1.58", "1.88"})
  void suspendedServerWithDropOldestKeepsObeying() {
    otp.run(
        self -> {
          var module =
              TestBehaviour.newModule().withMailbox(MailboxBound.of(3, Overload.DROP_OLDEST));
          Pid server = self.spawn(new TestBehaviour(module), SpawnOptions.NONE).pid();
          for (int round = 0; round < 200; round++) {
            Sys.suspend(server);
            for (int i = 0; i < 10; i++) {
              self.send(server, i);
              if (i % 4 == 3) {
                Sys.suspend(server);
              }
            }
            await( // it may be looking for system messages
                "three are left",
                () -> otp.runtime().info(server).orElseThrow().summary().mailbox() == 3);
            Sys.resume(server);
            assertThat(otp.runtime().call(otp.runtime().address(server), ask(), LIMIT))
                .isEqualTo("ok");
          }
          assertThat(drain(self)).isEmpty();
        });
  }

  @Test
  @Rule("1.88")
  void countIsExactUnderLoad() {
    int limit = 50;
    Pid server =
        otp.runtime()
            .spawn(
                new TestBehaviour(
                    TestBehaviour.newModule().withMailbox(MailboxBound.of(limit, Overload.REJECT))),
                SpawnOptions.NONE);
    var done = new CountDownLatch(4);
    for (int t = 0; t < 4; t++) {
      otp.runtime()
          .spawn(
              self -> {
                for (int i = 0; i < 20_000; i++) {
                  try {
                    self.send(server, i);
                  } catch (MailboxFullException e) {
                    // that is the point
                  }
                  int size =
                      otp.runtime().info(server).map(info -> info.summary().mailbox()).orElse(0);
                  if (size > 2 * limit) { // an estimate while others move messages
                    throw new AssertionError(size + " messages");
                  }
                }
                done.countDown();
              });
    }
    await(done);
    await("empty", () -> otp.runtime().info(server).orElseThrow().summary().mailbox() == 0);
    // every place was given back
    Sys.suspend(server);
    for (int i = 0; i < limit; i++) {
      otp.runtime().send(server, i);
    }
    assertThatThrownBy(() -> otp.runtime().send(server, "one more"))
        .isInstanceOf(MailboxFullException.class);
  }

  @Test
  @Rule("1.88")
  void twoThatSendTogetherGetNoMorePlacesThanThereAre() {
    int limit = 10;
    var bound = new Bound(MailboxBound.of(limit, Overload.DROP_NEWEST));
    var receiver = (Process) otp.runtime().spawn(Self::receive);
    var message = new Mailbox.Node("message", Mailbox.Node.INFO);
    var admitted = new AtomicInteger();
    TestRuntime.race(
        i -> {
          for (int n = 0; n < limit; n++) {
            if (bound.admit(receiver, message, null, 0) == Bound.Verdict.ADMITTED) {
              admitted.incrementAndGet();
            }
          }
        },
        () -> {
          assertThat(admitted.getAndSet(0)).isEqualTo(limit);
          for (int n = 0; n < limit; n++) {
            bound.release(message);
          }
        });
  }
}
