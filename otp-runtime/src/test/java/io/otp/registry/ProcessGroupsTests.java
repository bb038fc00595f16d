package io.otp.registry;

import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.MutableMessageException;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.registry.ProcessGroups.Joined;
import io.otp.registry.ProcessGroups.Left;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ProcessGroupsTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private ProcessGroups<String> scope() {
    return new ProcessGroups<>(otp.runtime(), "chat");
  }

  @Test
  @Rule("10.50")
  void onlyProcessesOfThisRuntimeJoinAndLeave() {
    var groups = scope();
    try (var other = ProcessRuntime.builder().name("other").build()) {
      Pid stranger = other.spawn(Self::receive);
      Pid own = otp.runtime().spawn(Self::receive);
      String text =
          "Process "
              + stranger
              + " is not one of ProcessRuntime[test] and cannot be in a group of scope 'chat'. A"
              + " process joins groups of its own runtime.";
      assertThatThrownBy(() -> groups.join("room", List.of(own, stranger)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(text);
      assertThatThrownBy(() -> groups.leave("room", stranger)).hasMessage(text);
      assertThat(groups.groups()).isEmpty(); // all or nobody
    }
  }

  @Test
  @Rule("10.50")
  void whoEndsIsGoneBeforeThatIsTold() {
    var groups = scope();
    otp.run(
        self -> {
          for (int i = 0; i < 300; i++) {
            var member = self.spawnMonitor(Self::receive);
            groups.join("room", member.pid());
            groups.join("room", member.pid());
            if (i % 2 == 0) {
              self.send(member.pid(), "end");
            } else {
              self.exit(member.pid(), ExitReason.KILL);
            }
            next(self, Down.class);
            assertThat(groups.groups()).isEmpty();
          }
        });
  }

  @Test
  void whoIsKilledIsNoMemberAnyMore() {
    var groups = scope();
    var go = new AtomicBoolean();
    var ready = new CountDownLatch(1);
    Pid busy =
        otp.runtime()
            .spawn(
                self -> {
                  ready.countDown();
                  while (!go.get()) { // not to be ended by anybody
                    Thread.onSpinWait();
                  }
                });
    TestRuntime.await(ready);
    groups.join("room", busy);
    assertThat(groups.members("room")).containsExactly(busy);
    otp.runtime().exit(busy, ExitReason.KILL);
    List<Pid> members = groups.members("room"); // before its death is published
    assertThat(members).isEmpty();
    go.set(true);
  }

  @Test
  void monitorThatHasEndedIsForgotten() {
    var groups = scope();
    otp.run(
        self -> {
          self.spawnMonitor(
              child -> {
                groups.monitor(child, "room");
                groups.monitorScope(child);
              });
          next(self, Down.class);
          long before = otp.runtime().stats().deadLetters();
          groups.join("room", self.pid());
          assertThat(otp.runtime().stats().deadLetters()).isEqualTo(before);
        });
  }

  @Test
  void processMonitorsAgainAfterItHasStopped() {
    var groups = scope();
    otp.run(
        self -> {
          Ref first = groups.monitor(self, "room").ref();
          groups.join("room", self.pid());
          assertThat(groups.demonitor(self, first)).isTrue();
          assertThat(drain(self)).as("flushed").isEmpty();
          Ref second = groups.monitor(self, "room").ref();
          groups.leave("room", self.pid());
          assertThat(drain(self)).containsExactly(new Left(second, "room", List.of(self.pid())));
        });
  }

  @Test
  void listThatAMonitorIsGivenAndWhatItIsToldMakeTheWholeTruth() {
    var groups = scope();
    Random random = TestRuntime.random("ProcessGroupsTests");
    otp.run(
        self -> {
          var joiners = new ArrayList<Ref>();
          for (int i = 0; i < 20; i++) {
            long seed = random.nextLong();
            joiners.add(
                self.spawnMonitor(
                        child -> {
                          var own = new Random(seed);
                          for (int n = 0; n < 200; n++) {
                            if (own.nextBoolean()) {
                              groups.join("room", child.pid());
                            } else {
                              groups.leave("room", child.pid());
                            }
                          }
                        })
                    .ref());
          }
          var monitor = groups.monitor(self, "room");
          Map<Pid, Integer> counts = new HashMap<>();
          monitor.members().forEach(pid -> counts.merge(pid, 1, Integer::sum));
          joiners.forEach(ref -> next(self, Down.class));
          for (Object message : drain(self)) {
            switch (message) {
              case Joined joined -> joined.pids().forEach(p -> counts.merge(p, 1, Integer::sum));
              case Left left ->
                  left.pids()
                      .forEach(p -> assertThat(counts.merge(p, -1, Integer::sum)).isNotNegative());
              default -> throw new AssertionError(message);
            }
          }
          assertThat(counts.values()).allMatch(count -> count == 0);
          assertThat(groups.members("room")).isEmpty();
          assertThat(groups.groups()).isEmpty();
        });
  }

  @Test
  void refusesNamesThatCanChange() {
    var groups = new ProcessGroups<Object>(otp.runtime(), "chat");
    otp.run(
        self -> {
          assertThatThrownBy(() -> groups.join(new StringBuilder("room"), self.pid()))
              .isInstanceOf(MutableMessageException.class);
          assertThat(groups.groups()).isEmpty();
        });
  }
}
