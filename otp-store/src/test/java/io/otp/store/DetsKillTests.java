package io.otp.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that are killed while they write. An interrupt that reached a file would close it for
 * everybody. {@code -Dotp.store.kills=10000} kills more.
 */
class DetsKillTests {

  private static final int KILLS = Integer.getInteger("otp.store.kills", 300);
  private static final int WRITERS = 8;

  @RegisterExtension final TestRuntime otp = new TestRuntime();
  @TempDir Path folder;

  @Test // 9.21, 9.22
  void killsDuringWritesLeaveTheTableOpenAndLoseNothing() {
    var random = TestRuntime.random("DetsKillTests");
    var spec = DetsSpec.set("t", folder.resolve("t"), Codec.ofLong(), Codec.ofString());
    Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    otp.run(
        self -> {
          DetsTable<Long, String> t = Dets.open(self, spec);
          Map<Pid, Long> writers = new HashMap<>();
          long next = 0;
          for (int kill = 0; kill < KILLS; kill++) {
            while (writers.size() < WRITERS) {
              long first = next++ << 32;
              Pid writer =
                  self.spawn(
                      s -> {
                        DetsTable<Long, String> mine = Dets.open(s, spec);
                        for (long n = first; ; n++) {
                          mine.insert(n, "value " + n);
                          acknowledged.add(n);
                          if (n % 64 == 63) {
                            mine.sync();
                          }
                        }
                      });
              self.monitor(writer);
              writers.put(writer, first);
            }
            for (int spin = random.nextInt(20_000); spin > 0; spin--) {
              Thread.onSpinWait();
            }
            Pid victim =
                writers.keySet().stream().skip(random.nextInt(WRITERS)).findFirst().orElseThrow();
            self.exit(victim, ExitReason.KILL);
            assertThat(TestRuntime.next(self, Down.class).object()).isEqualTo(victim);
            writers.remove(victim);
          }
          writers.keySet().forEach(writer -> self.exit(writer, ExitReason.KILL));
          for (int i = 0; i < WRITERS - 1; i++) {
            TestRuntime.next(self, Down.class);
          }
          t.insert(-1L, "still open");
          t.sync();
          assertThat(t.info().orElseThrow().users()).containsExactly(self.pid());
          System.out.println(KILLS + " kills, " + acknowledged.size() + " acknowledged");
          t.close();
          DetsTable<Long, String> again = Dets.open(self, spec.withRepair(Repair.REFUSE));
          Set<Long> there = ConcurrentHashMap.newKeySet();
          again.fold(
              true,
              (_, key, value) -> {
                assertThat(value).isEqualTo(key == -1 ? "still open" : "value " + key);
                return there.add(key);
              });
          acknowledged.removeAll(there);
          assertThat(acknowledged).as("lost").isEmpty();
        });
  }
}
