package io.otp.process;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.BehaviourCounters.Ending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BehaviourCountersTests {

  private static final CallbackModule LEDGER = CallbackModule.of("Ledger", "gen_server");

  @RegisterExtension final TestRuntime otp = new TestRuntime(builder -> builder.schedulers(2));

  private Pid spawn(CallbackModule module, String application) {
    return otp.runtime()
        .spawn(new TestBehaviour(module), SpawnOptions.NONE.withApplication(application));
  }

  private BehaviourCounters counters(String module, String application) {
    return otp.runtime().counters().stream()
        .filter(c -> c.module().equals(module) && application.equals(c.application()))
        .findAny()
        .orElseThrow();
  }

  @Test
  void countsProcessesByBehaviourAndApplication() {
    spawn(LEDGER, "shop");
    spawn(LEDGER, "shop");
    Pid bank = spawn(LEDGER, "bank");
    assertThat(counters("Ledger", "shop").processes()).isEqualTo(2);
    assertThat(counters("Ledger", "shop").behaviour()).isEqualTo("gen_server");
    otp.runtime().exit(bank, ExitReason.KILL);
    await("the end is counted", () -> counters("Ledger", "bank").exited(Ending.KILLED) == 1);
    assertThat(counters("Ledger", "bank").processes()).isZero();
    assertThat(counters("Ledger", "bank").spawned()).isEqualTo(1);
  }

  @Test
  void everyEndIsInOneClass() {
    otp.runtime().exit(spawn(LEDGER, "a"), ExitReason.SHUTDOWN);
    otp.runtime().exit(spawn(LEDGER, "a"), ExitReason.other("bored"));
    otp.runtime().send(spawn(LEDGER, "a"), new TestBehaviour.Do(_ -> ExitReason.NORMAL));
    otp.runtime().send(spawn(LEDGER, "a"), TestBehaviour.run(_ -> throwIt()));
    for (Ending ending : List.of(Ending.SHUTDOWN, Ending.OTHER, Ending.NORMAL, Ending.CRASH)) {
      await(ending.toString(), () -> counters("Ledger", "a").exited(ending) == 1);
    }
    RuntimeStats stats = otp.runtime().stats();
    assertThat(stats.exitedNormally()).isEqualTo(2);
    assertThat(stats.exitedAbnormally()).isEqualTo(2);
    assertThat(stats.spawned()).isEqualTo(4);
  }

  private static void throwIt() {
    throw new IllegalStateException("as the test wants it");
  }

  @Test
  void noMessageIsLostAndNoneCountedTwice() throws InterruptedException {
    int processes = 50;
    int each = 2_000;
    var pids = new ArrayList<Pid>();
    for (int i = 0; i < processes; i++) {
      pids.add(spawn(LEDGER, i % 2 == 0 ? "even" : "odd"));
    }
    try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Pid pid : pids) {
        senders.submit(
            () -> {
              for (int i = 0; i < each; i++) {
                otp.runtime().send(pid, i);
              }
            });
      }
      senders.shutdown();
      assertThat(senders.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
    long expected = processes / 2L * each;
    await("even", () -> counters("Ledger", "even").handled() >= expected);
    await("odd", () -> counters("Ledger", "odd").handled() >= expected);
    assertThat(counters("Ledger", "even").handled()).isEqualTo(expected);
    assertThat(counters("Ledger", "odd").handled()).isEqualTo(expected);
  }

  @Test
  void messagesOfBehavioursWithTheirOwnThreadAreCountedToo() {
    Pid pid = spawn(CallbackModule.of("Own", "test").withThreadLocals(true), "x");
    otp.runtime().send(pid, 1);
    otp.runtime().send(pid, 2);
    await("both", () -> counters("Own", "x").handled() == 2);
  }

  @Test
  void refusedMessagesAreCounted() {
    var bounded =
        LEDGER.withMailbox(new MailboxBound(1, Overload.DROP_NEWEST, Duration.ofSeconds(1)));
    Pid pid = spawn(bounded, "full");
    Sys.suspend(pid);
    for (int i = 0; i < 4; i++) {
      otp.runtime().send(pid, i);
    }
    assertThat(counters("Ledger", "full").refused()).isEqualTo(3);
  }

  @Test
  void aListenerIsToldOfOldAndNewCountersOnce() {
    spawn(LEDGER, "before");
    Queue<String> told = new ConcurrentLinkedQueue<>();
    otp.runtime().onCounters(counters -> told.add(counters.toString()));
    spawn(LEDGER, "after");
    spawn(LEDGER, "after");
    await("both", () -> told.size() == 2);
    assertThat(told).containsExactlyInAnyOrder("Ledger of before", "Ledger of after");
  }

  @Test
  void tooManyBehavioursShareOne() {
    var table = new CounterTable();
    for (int i = 0; i < CounterTable.LIMIT + 10; i++) {
      table.of("m" + i, "test", null);
    }
    assertThat(table.all()).hasSize(CounterTable.LIMIT + 1);
    assertThat(table.of("one more", "test", null).module()).isEqualTo("other");
    assertThat(table.of("m7", "test", null).module()).isEqualTo("m7");
  }

  @Test
  void whatAWorkerCountedStaysWhenItEnds() {
    var table = new CounterTable();
    BehaviourCounters counters = table.of("m", "test", null);
    CounterTable.Cells cells = table.open();
    cells.add(counters.index, 5);
    cells.close();
    table.open().add(counters.index, 2);
    assertThat(counters.handled()).isEqualTo(7);
  }
}
