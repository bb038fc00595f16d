package io.otp.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.supervisor.ChildInfo;
import io.otp.supervisor.Supervisor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** A real application with the properties of a test. */
final class Node implements AutoCloseable {

  static final Duration LIMIT = Duration.ofSeconds(30);

  /** What happened, in order; a bean of the root. */
  static final class Events {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    void add(String event) {
      seen.add(event);
    }

    List<String> seen() {
      return List.copyOf(seen);
    }
  }

  final ConfigurableApplicationContext root;
  final ProcessRuntime runtime;

  private Node(ConfigurableApplicationContext root) {
    this.root = root;
    this.runtime = root.getBean(ProcessRuntime.class);
  }

  /**
   * Started.
   *
   * @param properties {@code name=value}, kept in their order
   */
  static Node of(Class<?> source, String... properties) {
    return of(new Class<?>[] {source}, properties);
  }

  static Node of(Class<?>[] sources, String... properties) {
    var application = new SpringApplication(sources);
    application.setWebApplicationType(WebApplicationType.NONE);
    Map<String, Object> ordered = new LinkedHashMap<>();
    Stream.of(properties)
        .map(property -> property.split("=", 2))
        .forEach(p -> ordered.put(p[0], p[1]));
    application.addInitializers(
        context ->
            context
                .getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("test", ordered)));
    return new Node(application.run());
  }

  <T> T bean(Class<T> type) {
    return root.getBean(type);
  }

  Pid pid(String name) {
    return runtime.whereis(name).orElseThrow();
  }

  /** Kills a process and waits until another one has its name. */
  void restart(String name) {
    Pid before = pid(name);
    runtime.exit(before, ExitReason.KILL);
    await(
        name + " has been restarted",
        () -> runtime.whereis(name).filter(pid -> pid != before).isPresent());
    await("its supervisor is done", () -> childrenOfTop().allMatch(child -> child.pid() != null));
  }

  private Stream<ChildInfo> childrenOfTop() {
    return Supervisor.of(runtime, "top").whichChildren().stream();
  }

  void awaitEnd(Pid pid) throws InterruptedException {
    var ended = new CountDownLatch(1);
    runtime.atExit(pid, _ -> ended.countDown());
    assertThat(ended.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + LIMIT + ": " + what);
      }
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  @Override
  public void close() {
    root.close();
  }
}
