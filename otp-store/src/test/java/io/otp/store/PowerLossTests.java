package io.otp.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.store.RecordedDisk.Event;
import io.otp.store.RecordedDisk.Force;
import io.otp.store.RecordedDisk.Write;
import io.otp.table.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is on the disk, and when. */
class PowerLossTests {

  private static final int LOSSES = Integer.getInteger("otp.store.losses", 200);

  @RegisterExtension final TestRuntime otp = new TestRuntime();
  @TempDir Path folder;

  @AfterEach
  void recordNoMore() {
    RecordedDisk.record("");
  }

  private DetsSpec<Integer, String> spec(String name) {
    return DetsSpec.set(name, folder.resolve(name), Codec.ofInt(), Codec.ofString())
        .withAutoSave(Duration.ofHours(1));
  }

  @Test // 9.22
  void syncForcesWhatWasWrittenAndNothingElseDoes() {
    RecordedDisk.record("disk");
    otp.run(
        self -> {
          DetsTable<Integer, String> t = Dets.open(self, spec("disk"));
          int before = RecordedDisk.events().size();
          t.insert(1, "value");
          assertThat(t.lookup(1)).containsExactly("value");
          assertThat(RecordedDisk.events()).as("an insert is in memory").hasSize(before);
          t.sync();
          List<Event> done = RecordedDisk.events().subList(before, RecordedDisk.events().size());
          assertThat(done.stream().map(Object::getClass))
              .as("what was written, the last bytes that prove it, the header; each is forced")
              .containsExactly(
                  Write.class, Force.class, Write.class, Force.class, Write.class, Force.class);
          t.sync();
          assertThat(RecordedDisk.events()).as("nothing to do").hasSize(before + done.size());
        });
  }

  /** A table and when it was so: after how many events of the disk it was synced. */
  private record Synced(int events, int operations) {}

  /**
   * @param reused whether a save is written over what the one before it no longer needs, as in a
   *     file that has been open for long, or behind all others
   */
  @ParameterizedTest // 9.22, 9.25
  @ValueSource(booleans = {false, true})
  void lossOfPowerLosesNothingThatWasSyncedAndTearsNothing(boolean reused) throws Exception {
    Random random = TestRuntime.random("PowerLossTests");
    otp.run(self -> Dets.open(self, spec("disk")).close());
    byte[] start = Files.readAllBytes(folder.resolve("disk"));
    RecordedDisk.record("disk");
    var states = new ArrayList<Map<Integer, String>>(); // after each operation
    var synced = new ArrayList<Synced>();
    otp.run(
        self -> {
          DetsTable<Integer, String> t = Dets.open(self, spec("disk"));
          if (reused) {
            StoreFile file = t.file();
            file.call(
                otp.runtime(),
                () -> {
                  file.store().setRetentionTime(0);
                  return true;
                });
          }
          synced.add(new Synced(RecordedDisk.events().size(), 0));
          var model = new HashMap<Integer, String>();
          states.add(Map.copyOf(model));
          for (int i = 1; i <= 600; i++) {
            int key = random.nextInt(40);
            if (random.nextInt(5) == 0) {
              t.delete(key);
              model.remove(key);
            } else {
              String value = i + ":" + "x".repeat(random.nextInt(3_000));
              t.insert(key, value);
              model.put(key, value);
            }
            states.add(Map.copyOf(model));
            if (random.nextInt(6) == 0) {
              t.sync();
              synced.add(new Synced(RecordedDisk.events().size(), i));
            }
          }
        });
    TestRuntime.await("closed", () -> Dets.of(otp.runtime()).all().isEmpty());
    otp.run(self -> Dets.open(self, spec("disk")).close());
    List<Event> events = RecordedDisk.events();
    RecordedDisk.record("");
    for (int loss = 0; loss < LOSSES; loss++) {
      int first = synced.getFirst().events();
      int end = first + random.nextInt(events.size() - first);
      Synced last = synced.stream().filter(s -> s.events() <= end).toList().getLast();
      Path file = folder.resolve("loss" + loss);
      RecordedDisk.write(file, start, events.subList(0, end), random);
      Map<Integer, String> found =
          otp.get(
              self -> {
                var rows = new HashMap<Integer, String>();
                for (Row<Integer, String> row :
                    Dets.open(self, spec(file.getFileName().toString())).toList()) {
                  rows.put(row.key(), row.value());
                }
                return rows;
              });
      assertThat(states.lastIndexOf(found))
          .as("%s rows are the state after operation, power lost after event %s", found.size(), end)
          .isGreaterThanOrEqualTo(last.operations());
    }
  }
}
