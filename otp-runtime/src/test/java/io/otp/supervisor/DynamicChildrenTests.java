package io.otp.supervisor;

import static io.otp.supervisor.DynamicChildren.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.otp.Rule;
import io.otp.process.Pid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DynamicChildrenTests {

  private final DynamicChildren children = new DynamicChildren();

  @Test
  void tellsNothingKeptFromNotHere() {
    Pid a = TestPids.pid(1);
    Pid b = TestPids.pid(2);
    assertThat(children.put(a, NOTHING)).isNull();
    assertThat(children.get(a)).isSameAs(NOTHING);
    assertThat(children.get(b)).isNull();
    assertThat(children.put(b, "b")).isNull();
    assertThat(children.get(a)).isSameAs(NOTHING);
    assertThat(children.put(a, "a")).isSameAs(NOTHING);
    assertThat(children.put(b, NOTHING)).isEqualTo("b");
    assertThat(children.remove(a)).isEqualTo("a");
    assertThat(children.remove(a)).isNull();
    assertThat(children.remove(b)).isSameAs(NOTHING);
    assertThat(children.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 50, 5_000})
  void agreesWithAHashMap(int range) {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var pids = new ArrayList<Pid>();
    for (int i = 0; i < range; i++) {
      // Table index in the low half, generation in the high half, as the runtime numbers them.
      pids.add(TestPids.pid((long) random.nextInt(4) << 32 | i));
    }
    var model = new HashMap<Pid, Object>();
    int bias = 50;
    for (int i = 0; i < 200_000; i++) {
      if (i % 10_000 == 0) {
        bias = 10 + random.nextInt(80);
      }
      Pid pid = pids.get(random.nextInt(range));
      Object value = random.nextBoolean() ? NOTHING : (Object) i;
      boolean same =
          random.nextInt(100) < bias
              ? Objects.equals(children.put(pid, value), model.put(pid, value))
              : Objects.equals(children.remove(pid), model.remove(pid));
      if (!same || children.size() != model.size()) {
        fail("step %d, seed %d", i, seed);
      }
    }
    var seen = new HashMap<Pid, Object>();
    children.forEach(Integer.MAX_VALUE, seen::put);
    assertThat(seen).as("seed %d", seed).isEqualTo(model);
    pids.forEach(pid -> assertThat(children.get(pid)).isEqualTo(model.get(pid)));
  }

  /** As they are stopped; a run as long as the table made that quadratic. */
  @Test
  void staysShallowWhileChildrenEndInTheOrderTheyAreWalked() {
    for (int i = 0; i < 200_000; i++) {
      children.put(TestPids.pid(i), NOTHING);
    }
    var walked = new ArrayList<Pid>();
    children.forEach(Integer.MAX_VALUE, (pid, _) -> walked.add(pid));
    int slots = children.slots();
    for (Pid pid : walked) {
      children.remove(pid);
      if (children.slots() != slots) {
        slots = children.slots();
        assertThat(children.longestRun()).as("%d slots", slots).isLessThan(200);
      }
    }
    assertThat(children.size()).isZero();
  }

  @Test
  @Rule("5.73")
  void keepsAChildInFewerThanThreeSlots() {
    for (int i = 0; i < 1_000_000; i++) {
      children.put(TestPids.pid(i), NOTHING);
      int slots = children.slots();
      if (slots > 8 && slots >= children.size() * 2.7) {
        fail("%d slots for %d children", slots, children.size());
      }
    }
  }

  @Test
  void givesMemoryBackWhenChildrenEnd() {
    var pids = new ArrayList<Pid>();
    for (int i = 0; i < 100_000; i++) {
      pids.add(TestPids.pid(i));
      children.put(pids.getLast(), "x");
    }
    pids.forEach(children::remove);
    assertThat(children.slots()).isEqualTo(8);
  }

  @Test
  void showsNoMoreThanAskedFor() {
    for (int i = 0; i < 100; i++) {
      children.put(TestPids.pid(i), NOTHING);
    }
    var seen = new ArrayList<Pid>();
    children.forEach(10, (pid, _) -> seen.add(pid));
    assertThat(seen).hasSize(10).doesNotHaveDuplicates();
  }
}
