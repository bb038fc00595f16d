package io.otp.process;

import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** 1h: aliases. */
@Timeout(120)
class AliasTests {

  private static final ExitReason BOOM = ExitReason.other("boom");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  @Test
  @Rule("1.80")
  void openAliasIsAnAddressAndClosedOneIsNot() {
    otp.run(
        self -> {
          Alias alias = self.alias();
          self.send(alias, 1);
          otp.runtime().send(alias, 2);
          assertThat(self.unalias(alias)).isTrue();
          assertThat(self.unalias(alias)).isFalse();
          self.send(alias, 3);
          otp.runtime().send(alias, 4);
          assertThat(drain(self)).containsExactly(1, 2);
          assertThat(otp.runtime().stats().deadLetters()).isEqualTo(2);
        });
  }

  @Test
  @Rule("1.80")
  void onlyItsOwnerClosesAnAlias() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Alias alias = self.alias();
          self.spawn(s -> s.send(me, s.unalias(alias)));
          assertThat(next(self)).isEqualTo(false);
          self.send(alias, "open");
          assertThat(next(self)).isEqualTo("open");
        });
  }

  @Test
  @Rule("1.80")
  void aliasOfDeadProcessAddressesNobody() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Self.Monitored owner = self.spawnMonitor(s -> s.send(me, s.alias()));
          Alias alias = next(self, Alias.class);
          next(self, Down.class);
          assertThat(owner.pid()).isEqualTo(alias.owner);
          self.send(alias, "late");
          assertThat(otp.runtime().stats().deadLetters()).isEqualTo(1);
          assertThat(self.unalias(alias)).isFalse();
        });
  }

  @Test
  @Rule("1.81")
  void replyAliasTakesOneMessage() {
    otp.run(
        self -> {
          Alias alias = self.alias(Alias.Mode.REPLY);
          self.send(alias, 1);
          self.send(alias, 2);
          assertThat(drain(self)).containsExactly(1);
          assertThat(self.unalias(alias)).isFalse();
        });
  }

  @Test
  @Rule("1.81")
  void modesOfMonitorsAndOfOthersAreToldApart() {
    otp.run(
        self -> {
          assertThatThrownBy(() -> self.alias(Alias.Mode.DEMONITOR))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> self.alias(Alias.Mode.REPLY_DEMONITOR))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> self.monitor(self.pid(), Alias.Mode.REPLY))
              .isInstanceOf(IllegalArgumentException.class);
          Ref plain = self.monitor(self.pid());
          assertThat(plain).isInstanceOfSatisfying(Alias.class, a -> self.send(a, "nothing"));
          assertThat(drain(self)).as("a monitor is no alias unless asked for").isEmpty();
        });
  }

  @Test
  @Rule("1.81")
  void demonitorAliasEndsWithDemonitor() {
    otp.run(
        self -> {
          Pid peer = self.spawn(Self::receive);
          Alias alias = self.monitor(peer, Alias.Mode.DEMONITOR);
          self.send(alias, "a");
          assertThat(drain(self)).containsExactly("a");
          assertThat(self.demonitor(alias)).isTrue();
          self.send(alias, "b");
          assertThat(drain(self)).isEmpty();
        });
  }

  @Test
  @Rule("1.81")
  void demonitorAliasEndsWithDown() {
    otp.run(
        self -> {
          Pid peer = self.spawn(Self::receive);
          Alias alias = self.monitor(peer, Alias.Mode.DEMONITOR);
          self.exit(peer, BOOM);
          assertThat(next(self)).isEqualTo(new Down(alias, peer, BOOM));
          self.send(alias, "late");
          assertThat(drain(self)).isEmpty();
        });
  }

  @Test
  @Rule("1.81")
  void firstReplyEndsAliasAndMonitor() {
    otp.run(
        self -> {
          Pid peer = self.spawn(Self::receive);
          Alias alias = self.monitor(peer, Alias.Mode.REPLY_DEMONITOR);
          self.send(alias, "a");
          self.send(alias, "b");
          assertThat(drain(self)).containsExactly("a");
          assertThat(otp.runtime().info(peer).orElseThrow().monitoredBy()).isEmpty();
          self.exit(peer, BOOM);
          assertThat(drain(self, QUIET)).as("no Down after the reply").isEmpty();
          assertThat(self.demonitor(alias)).isFalse();
        });
  }

  @Test
  @Rule("1.81")
  void explicitAliasOutlivesDown() {
    otp.run(
        self -> {
          Pid peer = self.spawn(Self::receive);
          Alias alias = self.monitor(peer, Alias.Mode.EXPLICIT_UNALIAS);
          self.exit(peer, BOOM);
          assertThat(next(self)).isEqualTo(new Down(alias, peer, BOOM));
          self.send(alias, "late");
          assertThat(next(self)).isEqualTo("late");
          assertThat(self.unalias(alias)).isTrue();
          self.send(alias, "later");
          assertThat(drain(self)).isEmpty();
        });
  }

  @Test
  @Rule("1.80")
  void nothingArrivesAfterUnalias() {
    otp.run(
        self -> {
          for (int i = 0; i < 3_000; i++) {
            Alias alias = self.alias();
            var go = new CountDownLatch(1);
            Pid sender =
                self.spawn(
                    s -> {
                      await(go);
                      for (int n = 0; n < 20; n++) {
                        s.send(alias, n);
                      }
                    });
            Ref ref = self.monitor(sender);
            go.countDown();
            self.unalias(alias);
            int arrived = otp.runtime().info(self.pid()).orElseThrow().summary().mailbox();
            assertThat(next(self, Down.class).ref()).isEqualTo(ref);
            assertThat(drain(self)).as("round " + i).hasSize(arrived);
          }
        });
  }

  /** Held up by the lock of the owner, in which that closes the alias. */
  @Test
  @Rule("1.80")
  void messageThatIsOnItsWayWhenTheAliasIsClosedDoesNotArrive() {
    otp.run(
        self -> {
          Alias alias = self.alias();
          var sender = new AtomicReference<Thread>();
          synchronized (self.pid()) {
            self.spawn(
                s -> {
                  sender.set(Thread.currentThread());
                  s.send(alias, "late");
                });
            await(
                "the message is on its way",
                () -> sender.get() != null && sender.get().getState() == Thread.State.BLOCKED);
            assertThat(self.unalias(alias)).isTrue();
          }
          await("it was sent", () -> !sender.get().isAlive());
          assertThat(drain(self)).isEmpty();
        });
  }

  /**
   * monitor_SUITE:unexpected_alias_at_demonitor_gh5310: one of reply and Down arrives, never both,
   * never none.
   */
  @Test
  @Rule({"1.81", "1.83"})
  void eitherReplyOrDownArrives() {
    otp.run(
        self -> {
          int replies = 0;
          for (int i = 0; i < 5_000; i++) {
            var go = new CountDownLatch(1);
            Pid server =
                self.spawn(
                    s -> {
                      await(go);
                      s.send((Alias) s.receive(), "reply");
                      s.send((Alias) s.receive(), "second");
                    });
            Alias alias = self.monitor(server, Alias.Mode.REPLY_DEMONITOR);
            self.send(server, alias);
            self.send(server, alias);
            go.countDown();
            if (i % 2 == 0) {
              self.exit(server, BOOM);
            }
            Object first = next(self);
            replies += first.equals("reply") ? 1 : 0;
            assertThat(first).isIn("reply", new Down(alias, server, BOOM));
            self.monitor(server);
            assertThat(next(self))
                .isInstanceOfSatisfying(Down.class, d -> assertThat(d.ref()).isNotEqualTo(alias));
            assertThat(drain(self)).isEmpty();
          }
          assertThat(replies).isGreaterThanOrEqualTo(2_500);
        });
  }
}
