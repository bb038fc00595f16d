package io.otp.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.StartResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;
import org.testng.annotations.AfterClass;

/** The Reactive Streams TCK for a stage as a publisher; it is written for TestNG. */
class StagePublisherTckTests {

  /** What the TCK runs. */
  public static class Verification extends FlowPublisherVerification<Integer> {

    private final ProcessRuntime runtime = ProcessRuntime.builder().name("tck").build();

    public Verification() {
      super(new TestEnvironment(2_000, 100, 100), 1_000);
    }

    @AfterClass
    public void close() {
      runtime.close();
    }

    @Override
    public Flow.Publisher<Integer> createFlowPublisher(long elements) {
      return publisher(start(elements));
    }

    @Override
    public Flow.Publisher<Integer> createFailedFlowPublisher() {
      Pid pid = start(1);
      runtime.exit(pid, ExitReason.KILL);
      return publisher(pid);
    }

    private Pid start(long elements) {
      return ((StartResult.Started)
              StageRef.start(runtime, new Numbers(), elements, StartOptions.NONE))
          .pid();
    }

    private Flow.Publisher<Integer> publisher(Pid pid) {
      return StageRef.<Void, Integer>of(runtime, pid).publisher();
    }

    @Override
    public long maxElementsFromPublisher() {
      return Integer.MAX_VALUE - 1;
    }
  }

  @Test // F1
  @Timeout(300)
  void aStageIsAPublisherAsReactiveStreamsSays() {
    var results = new TestListenerAdapter();
    var testNg = new TestNG(false);
    testNg.setUseDefaultListeners(false);
    testNg.setTestClasses(new Class<?>[] {Verification.class});
    testNg.addListener(results);
    testNg.run();
    List<String> failed = new ArrayList<>();
    results
        .getFailedTests()
        .forEach(test -> failed.add(test.getName() + ": " + test.getThrowable()));
    assertThat(failed).isEmpty();
    assertThat(results.getPassedTests()).hasSizeGreaterThan(20);
    results.getSkippedTests().forEach(test -> System.out.println("skipped " + test.getName()));
  }
}
