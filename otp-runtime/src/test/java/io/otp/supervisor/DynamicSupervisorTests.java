package io.otp.supervisor;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.ArgsGenServer;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DynamicSupervisorTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final AtomicInteger inits = new AtomicInteger();

  private DynamicSupervisor<String, Topic> rooms;

  record Topic() implements Call<Topic, String> {}

  /** Not static: counts its starts. */
  private final class Room implements ArgsGenServer<String, Topic, String> {
    @Override
    public String init(String topic, Self<Topic> self) {
      inits.incrementAndGet();
      if (topic.equals("closed")) {
        throw Init.stop(ExitReason.other("closed"));
      }
      if (topic.equals("unwanted")) {
        throw Init.ignore();
      }
      return topic;
    }

    @Override
    public Next<String> handle(Topic message, String topic, Self<Topic> self) {
      return Next.reply(message, topic, topic);
    }
  }

  @BeforeEach
  void start() {
    Supervisor.start(
        otp.runtime(),
        DynamicSupervisor.spec("room", new Room(), Restart.PERMANENT, Shutdown.BRUTAL_KILL)
            .withMaxChildren(100));
    rooms = DynamicSupervisor.of(otp.runtime(), "room");
  }

  @Test
  void startsAChildWithItsArguments() {
    assertThat(rooms.startChild("talk").call(new Topic())).isEqualTo("talk");
    assertThat(rooms.startChild("talk")).isNotEqualTo(rooms.startChild("talk"));
    assertThat(rooms.count()).isEqualTo(3);
  }

  @Test
  void startsOneHoweverManyAskForTheSameKeyAtOnce() throws Exception {
    for (int round = 0; round < 50; round++) {
      String key = "k" + round;
      int before = inits.get();
      var go = new CountDownLatch(1);
      Set<Pid> pids = ConcurrentHashMap.newKeySet();
      var threads = new HashSet<Thread>();
      for (int i = 0; i < 16; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        go.await();
                      } catch (InterruptedException e) {
                        throw new AssertionError(e);
                      }
                      pids.add(rooms.getOrStart(key, "talk").whereis().orElseThrow());
                    }));
      }
      go.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(pids).hasSize(1);
      assertThat(inits.get()).isEqualTo(before + 1);
    }
  }

  @Test
  void aKeyedReferenceGoesOnWorkingAfterARestart() {
    ServerRef<Topic> lobby = rooms.getOrStart("lobby", "talk");
    Pid before = lobby.whereis().orElseThrow();
    otp.runtime().exit(before, ExitReason.KILL);
    await("it is back", () -> lobby.whereis().filter(pid -> pid != before).isPresent());
    assertThat(lobby.call(new Topic())).isEqualTo("talk");
    assertThat(otp.runtime().whereis("room:lobby")).isPresent();
  }

  @Test
  void waitsForTheSupervisorNoLongerThanItIsTold() {
    ServerRef<Topic> lobby = rooms.getOrStart("lobby", "talk", Duration.ofSeconds(30));
    Pid supervisor = otp.runtime().whereis(rooms.name()).orElseThrow();
    Sys.suspend(supervisor);
    assertThatThrownBy(() -> rooms.getOrStart("hall", "talk", Duration.ofMillis(50)))
        .isInstanceOf(CallException.CallTimeoutException.class);
    // One that is there is found without the supervisor.
    assertThat(rooms.getOrStart("lobby", "talk", Duration.ZERO)).isEqualTo(lobby);
    Sys.resume(supervisor);
    await("it is started all the same", () -> rooms.find("hall").isPresent());
  }

  @Test
  void saysWhyAChildWasNotStarted() {
    assertThatThrownBy(() -> rooms.getOrStart("x", "closed"))
        .hasMessage("Child 'room:x' was not started: its init failed with closed.");
    assertThatThrownBy(() -> rooms.startChild("unwanted"))
        .hasMessage("Child 'room' was not started: its init decided that it is not needed.");
    for (int i = 0; i < 100; i++) {
      rooms.startChild("talk");
    }
    assertThatThrownBy(() -> rooms.startChild("talk"))
        .hasMessage(
            "Child 'room' was not started: its supervisor has as many children as it may have."
                + " End some, or raise max-children.");
  }

  @Test
  void endsAChildForGood() {
    ServerRef<Topic> lobby = rooms.getOrStart("lobby", "talk");
    Pid pid = lobby.whereis().orElseThrow();
    assertThat(rooms.terminateChild(pid)).isTrue();
    assertThat(rooms.find("lobby")).isEmpty();
    assertThat(rooms.count()).isZero();
  }
}
