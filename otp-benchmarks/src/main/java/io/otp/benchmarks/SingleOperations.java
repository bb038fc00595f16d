package io.otp.benchmarks;

import io.otp.benchmarks.BenchProcesses.Echo;
import io.otp.benchmarks.BenchProcesses.Get;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessSummary;
import io.otp.process.Ref;
import io.otp.server.GenServers;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What one use of the runtime costs a thread of the application. Run by {@code jmh.sh}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SingleOperations {

  /** A message of scalars. */
  record Reading(int sensor, double value, String unit) {}

  /** A message with a collection, whose elements are not walked. */
  record Readings(int sensor, List<Double> values) {}

  private final Reading reading = new Reading(1, 2.5, "mm");
  private final Readings readings = new Readings(1, List.of(1.0, 2.0, 3.0));

  private ProcessRuntime runtime;
  private ServerRef<Object> server;
  private Pid pid;
  private Pid nobody;

  @Setup
  public void start() {
    runtime = ProcessRuntime.builder().name("jmh").build();
    var options = GenServers.StartOptions.named("echo");
    if (!(GenServers.start(runtime, Echo.ECHO, NoArgs.NO_ARGS, options)
        instanceof StartResult.Started(var started, _))) {
      throw new IllegalStateException("the server did not start");
    }
    pid = started;
    server = ServerRef.of(runtime, started);
    nobody = runtime.nobody();
  }

  @TearDown
  public void stop() {
    runtime.close();
  }

  /** There and back, with a switch of threads each way. */
  @Benchmark
  public int call() {
    return server.call(new Get(1));
  }

  /** What a sender pays before the receiver is touched: nobody receives it. */
  @Benchmark
  public void sendToNobody() {
    runtime.send(nobody, reading);
  }

  @Benchmark
  public void checkRecord() {
    runtime.checkMessage(reading);
  }

  @Benchmark
  public void checkRecordWithList() {
    runtime.checkMessage(readings);
  }

  @Benchmark
  public Optional<Pid> whereis() {
    return runtime.whereis("echo");
  }

  @Benchmark
  public Optional<ProcessSummary> summary() {
    return runtime.summary(pid);
  }

  @Benchmark
  public Optional<Duration> startAndCancelTimer() {
    Ref timer = runtime.sendAfter(Duration.ofMinutes(1), pid, reading);
    return runtime.cancelTimer(timer);
  }
}
