package io.otp.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who is not debugged or traced any more costs no more than who never was. */
class DebugCostTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private static boolean isDebugged(Pid pid) {
    return ((Process) pid).debugged;
  }

  private Pid behaviour() {
    return otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
  }

  @Test
  @Rule("7.08")
  void processIsAskedForEventsOnlyWhileSomebodyWantsThem() {
    Pid pid = behaviour();
    assertThat(isDebugged(pid)).isFalse();
    Sys.getLog(pid);
    Sys.getStatistics(pid);
    Sys.remove(pid, "nothing");
    assertThat(isDebugged(pid)).as("asking is not wanting").isFalse();
    Sys.log(pid);
    assertThat(isDebugged(pid)).isTrue();
    Sys.statistics(pid, true);
    Sys.noLog(pid);
    assertThat(isDebugged(pid)).isTrue();
    Sys.statistics(pid, false);
    assertThat(isDebugged(pid)).isFalse();
    Sys.trace(pid, true);
    Sys.install(pid, "f", 0, (n, event, of) -> n);
    Sys.noDebug(pid);
    assertThat(isDebugged(pid)).isFalse();
  }

  @Test
  @Rule("7.08")
  void runtimeLooksAtTracersOnlyWhileThereAreSome() {
    ProcessRuntime runtime = otp.runtime();
    var one = new Silent();
    var two = new Silent();
    assertThat(runtime.tracing).isNull();
    Pid pid = behaviour();
    assertThat(runtime.attach(one)).isTrue();
    assertThat(runtime.attach(two)).isTrue();
    assertThat(((Process) pid).traced).isEqualTo((byte) 3);
    runtime.detach(one);
    assertThat(((Process) pid).traced).isEqualTo((byte) 2);
    runtime.detach(one);
    runtime.detach(two);
    assertThat(runtime.tracing).isNull();
    assertThat(((Process) pid).traced).isZero();
  }

  private static final class Silent implements Tracer {
    @Override
    public Set<Flag> flags() {
      return EnumSet.allOf(Flag.class);
    }

    @Override
    public boolean chooses(ProcessView process, boolean isNew) {
      return true;
    }

    @Override
    public void event(
        Pid tracee,
        @Nullable String name,
        Kind kind,
        @Nullable Object subject,
        @Nullable Object content) {}
  }
}
