package io.otp.process;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * 1.93: whoever has much to do must not keep others from running. With one slot, where it shows.
 */
@Timeout(180)
class FairnessTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime(builder -> builder.schedulers(1));

  private final AtomicBoolean stop = new AtomicBoolean();

  @AfterEach
  void stop() {
    stop.set(true);
  }

  private Pid server() {
    return otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
  }

  /** Asks a new server and a new raw process many times; fails if one does not answer. */
  private void othersAnswer() {
    otp.run(
        self -> {
          Pid me = self.pid();
          Pid other = server();
          Pid raw =
              self.spawn(
                  s -> {
                    while (true) {
                      s.send(me, s.receive());
                    }
                  });
          for (int i = 0; i < 50; i++) {
            int number = i;
            self.send(other, TestBehaviour.run(s -> s.send(me, number)));
            assertThat(next(self)).isEqualTo(i);
            self.send(raw, i);
            assertThat(next(self)).isEqualTo(i);
          }
        });
  }

  /** A behaviour that sends itself a message whenever it handles one. */
  private void again(Self<Object> self, AtomicInteger rounds) {
    rounds.incrementAndGet();
    if (!stop.get()) {
      self.send(self.pid(), TestBehaviour.run(s -> again(s, rounds)));
    }
  }

  @Test
  @Rule("1.93")
  void endlessMailboxStarvesNobody() {
    var rounds = new AtomicInteger();
    otp.runtime().send(server(), TestBehaviour.run(s -> again(s, rounds)));
    await("it runs", () -> rounds.get() > 1_000);
    othersAnswer();
    int before = rounds.get();
    await("it still runs", () -> rounds.get() > before);
  }

  /**
   * The process woken last runs first; two that wake each other for ever must not shut out the
   * third.
   */
  @Test
  @Rule("1.93")
  void twoThatWakeEachOtherStarveNobody() {
    var rounds = new AtomicInteger();
    Pid a = server();
    Pid b = server();
    otp.runtime().send(a, TestBehaviour.run(s -> pingPong(s, b, a, rounds)));
    await("they run", () -> rounds.get() > 1_000);
    othersAnswer();
    int before = rounds.get();
    await("they still run", () -> rounds.get() > before);
  }

  private void pingPong(Self<Object> self, Pid to, Pid back, AtomicInteger rounds) {
    rounds.incrementAndGet();
    if (!stop.get()) {
      self.send(to, TestBehaviour.run(s -> pingPong(s, back, to, rounds)));
    }
  }

  @Test
  @Rule("1.93")
  void floodedProcessStarvesNobody() {
    var handled = new AtomicInteger();
    Pid flooded = server();
    var flood = TestBehaviour.run(s -> handled.incrementAndGet());
    for (int i = 0; i < 100_000; i++) {
      otp.runtime().send(flooded, flood);
    }
    othersAnswer();
    await("and it gets through", () -> handled.get() == 100_000);
  }

  /**
   * They are not preempted, so this rests on the watchdog, which gives their slot away, and on more
   * carriers.
   */
  @Test
  @Rule("1.93")
  void callbacksThatComputeStarveNobody() {
    int hogs = Runtime.getRuntime().availableProcessors() + 1;
    var running = new CountDownLatch(hogs);
    for (int i = 0; i < hogs; i++) {
      otp.runtime().send(server(), TestBehaviour.run(s -> hog(running)));
    }
    await(running);
    othersAnswer();
  }

  @Test
  @Rule("1.93")
  void rawProcessesThatComputeStarveNobody() {
    int hogs = Runtime.getRuntime().availableProcessors() + 1;
    var running = new CountDownLatch(hogs);
    for (int i = 0; i < hogs; i++) {
      otp.runtime().spawn(s -> hog(running));
    }
    await(running);
    othersAnswer();
  }

  private void hog(CountDownLatch running) {
    running.countDown();
    while (!stop.get()) {
      Thread.onSpinWait();
    }
  }

  @Test
  @Rule("1.93")
  void callbacksThatBlockInForeignCodeStarveNobody() {
    int blocked = 100;
    var running = new CountDownLatch(blocked);
    for (int i = 0; i < blocked; i++) {
      otp.runtime()
          .send(
              server(),
              TestBehaviour.run(
                  s -> {
                    running.countDown();
                    while (!stop.get()) {
                      LockSupport.parkNanos(1_000_000);
                    }
                  }));
    }
    await(running);
    othersAnswer();
    assertThat(otp.runtime().stats().retakenSlots()).isPositive();
  }

  @Test
  @Rule("1.93")
  void callbacksThatWaitInTheRuntimeStarveNobody() {
    int waiting = 100;
    var running = new CountDownLatch(waiting);
    var pids = new ArrayList<Pid>();
    for (int i = 0; i < waiting; i++) {
      Pid pid = server();
      pids.add(pid);
      otp.runtime()
          .send(
              pid,
              TestBehaviour.run(
                  s -> {
                    running.countDown();
                    s.receive(LIMIT, m -> m.equals("go") ? Receive.take(m) : Receive.skip());
                  }));
    }
    await(running);
    othersAnswer();
    pids.forEach(pid -> otp.runtime().send(pid, "go"));
  }

  @Test
  @Rule("1.93")
  void checkpointLetsOthersRun() {
    var running = new CountDownLatch(1);
    otp.runtime()
        .send(
            server(),
            TestBehaviour.run(
                s -> {
                  running.countDown();
                  while (!stop.get()) {
                    s.checkpoint();
                  }
                }));
    await(running);
    othersAnswer();
  }

  @Test
  @Rule("1.93")
  void slowCallbackIsCounted() {
    otp.runtime()
        .send(
            otp.runtime()
                .spawn(new TestBehaviour(CallbackModule.of("Slow", "test")), SpawnOptions.NONE),
            TestBehaviour.run(s -> hog(new CountDownLatch(1))));
    await("noticed", () -> otp.runtime().stats().slowCallbacks() > 0);
    stop.set(true);
  }

  /** Ten thousand that all have something to do get it done, whatever the order. */
  @Test
  @Rule("1.93")
  void allOfManyGetTheirTurn() {
    int count = 10_000;
    int turns = 20;
    var done = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      otp.runtime().send(server(), TestBehaviour.run(s -> turn(s, turns, done)));
    }
    await(done);
    assertThat(otp.runtime().stats().processes()).isEqualTo(count);
  }

  private static void turn(Self<Object> self, int left, CountDownLatch done) {
    if (left == 0) {
      done.countDown();
    } else {
      self.send(self.pid(), TestBehaviour.run(s -> turn(s, left - 1, done)));
    }
  }
}
