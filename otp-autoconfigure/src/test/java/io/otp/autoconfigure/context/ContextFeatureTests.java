package io.otp.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ApplicationContextEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.validation.annotation.Validated;

/** In the context of a supervisor annotations work as they do in the root. */
class ContextFeatureTests {

  /** Where the context shows itself to the test. */
  static final class Window {
    final AtomicReference<ApplicationContext> context = new AtomicReference<>();
    final BlockingQueue<ApplicationContext> opening = new LinkedBlockingQueue<>();
    final List<Object> seenByRoot = new CopyOnWriteArrayList<>();

    ApplicationContext context() {
      return context.get();
    }
  }

  /** Counts what is begun. */
  static final class Manager extends AbstractPlatformTransactionManager {
    private static final long serialVersionUID = 1L;
    final AtomicInteger begun = new AtomicInteger();

    @Override
    protected Object doGetTransaction() {
      return new Object();
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
      begun.incrementAndGet();
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {}

    @Override
    protected void doRollback(DefaultTransactionStatus status) {}
  }

  @Aspect
  static class RootAspect {
    @Around("execution(String io.otp.autoconfigure.context.ContextFeatureTests.Greeter.greet())")
    Object around(ProceedingJoinPoint point) throws Throwable {
      return "root(" + point.proceed() + ")";
    }
  }

  static class RootListener {
    private final Window window;

    RootListener(Window window) {
      this.window = window;
    }

    @EventListener
    void on(ApplicationEvent event) {
      window.seenByRoot.add(event);
    }

    @EventListener
    void on(Sold event) {
      window.seenByRoot.add(event);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAsync
  @EnableScheduling
  @ImportAutoConfiguration({
    AopAutoConfiguration.class,
    ValidationAutoConfiguration.class,
    TaskExecutionAutoConfiguration.class,
    TaskSchedulingAutoConfiguration.class,
    OtpAutoConfiguration.class,
    ContextAutoConfiguration.class,
    TreeAutoConfiguration.class
  })
  static class Root {
    @Bean
    Window window() {
      return new Window();
    }

    @Bean
    Manager transactionManager() {
      return new Manager();
    }

    @Bean
    RootAspect rootAspect() {
      return new RootAspect();
    }

    @Bean
    RootListener rootListener(Window window) {
      return new RootListener(window);
    }
  }

  // --- what the contexts of the tests have

  static class Show {
    Show(Window window, ApplicationContext context) {
      window.context.set(context);
      window.opening.add(context);
    }
  }

  static class Greeter {
    String greet() {
      return "hello";
    }
  }

  @Aspect
  static class OwnAspect {
    @Around("execution(String io.otp.autoconfigure.context.ContextFeatureTests.Greeter.greet())")
    Object around(ProceedingJoinPoint point) throws Throwable {
      return "own(" + point.proceed() + ")";
    }
  }

  static class Books {
    @Transactional
    boolean inTransaction() {
      return TransactionSynchronizationManager.isActualTransactionActive();
    }
  }

  static class Worker {
    @Async
    CompletableFuture<String> thread() {
      return CompletableFuture.completedFuture(Thread.currentThread().getName());
    }
  }

  @Validated
  static class Prices {
    int price(@Min(1) int price) {
      return price;
    }
  }

  record Sold(int number) {}

  static class Listener {
    final List<Object> seen = new CopyOnWriteArrayList<>();

    @EventListener
    void on(Sold event) {
      seen.add(event);
    }

    @EventListener
    void on(ApplicationContextEvent event) {
      seen.add(event);
    }

    @EventListener
    void on(AvailabilityChangeEvent<?> event) {
      seen.add(event.getState());
    }
  }

  static class Clockwork {
    final CountDownLatch ticks = new CountDownLatch(2);
    volatile String thread = "";

    @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.MILLISECONDS)
    void tick() {
      thread = Thread.currentThread().getName();
      ticks.countDown();
    }
  }

  @ConfigurationProperties("till")
  record TillProperties(Duration pause, List<String> names) {}

  @SupervisorConfiguration(proxyBeanMethods = false)
  @Import({
    Show.class,
    Greeter.class,
    OwnAspect.class,
    Books.class,
    Worker.class,
    Prices.class,
    Listener.class,
    Clockwork.class
  })
  @EnableConfigurationProperties(TillProperties.class)
  static class Features {}

  private static Node node(Class<?> configuration, String... more) {
    return Node.of(
        Root.class,
        Stream.concat(
                Stream.of(
                    "otp.supervisors.top.intensity=100",
                    "otp.supervisors.top.children[0].id=shop",
                    "otp.supervisors.top.children[0].supervisor.context.configuration="
                        + configuration.getName()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static <T> T in(Node node, Class<T> type) {
    return node.bean(Window.class).context().getBean(type);
  }

  @Test
  void transactional() {
    try (Node node = node(Features.class)) {
      assertThat(in(node, Books.class).inTransaction()).isTrue();
      assertThat(node.bean(Manager.class).begun).hasValue(1); // and not by an advisor of each
    }
  }

  @SupervisorConfiguration(proxyBeanMethods = false)
  @Import({Show.class, Books.class})
  static class OwnManager {
    @Bean
    Manager ownManager() {
      return new Manager();
    }
  }

  @Test
  void transactionalWithAManagerOfItsOwn() {
    try (Node node = node(OwnManager.class)) {
      assertThat(in(node, Books.class).inTransaction()).isTrue();
      assertThat(node.bean(Manager.class).begun).hasValue(0);
      assertThat(((Manager) in(node, PlatformTransactionManager.class)).begun).hasValue(1);
    }
  }

  @Test
  void aspectsOfItsOwnAndOfTheRoot() {
    try (Node node = node(Features.class)) {
      assertThat(in(node, Greeter.class).greet()).contains("own(", "root(", "hello");
    }
  }

  @Test
  void async() throws Exception {
    try (Node node = node(Features.class)) {
      in(node, Clockwork.class).ticks.await(); // the scheduler is there, and is no executor
      assertThat(in(node, Worker.class).thread().get(30, TimeUnit.SECONDS)).startsWith("task-");
    }
  }

  @Test
  void validated() {
    try (Node node = node(Features.class)) {
      Prices prices = in(node, Prices.class);
      assertThat(prices.price(2)).isEqualTo(2);
      assertThatExceptionOfType(ConstraintViolationException.class)
          .isThrownBy(() -> prices.price(0));
    }
  }

  @Test
  void eventListener() {
    try (Node node = node(Features.class)) {
      ApplicationEventPublisher publisher = node.bean(Window.class).context();
      publisher.publishEvent(new Sold(1));
      assertThat(in(node, Listener.class).seen).contains(new Sold(1));
      assertThat(node.bean(Window.class).seenByRoot).contains(new Sold(1)); // as in any hierarchy
    }
  }

  @Test
  void scheduled() throws InterruptedException {
    try (Node node = node(Features.class)) {
      Clockwork clockwork = in(node, Clockwork.class);
      assertThat(clockwork.ticks.await(Node.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(clockwork.thread).startsWith("scheduling-");
    }
  }

  @Test
  void configurationProperties() {
    try (Node node = node(Features.class, "till.pause=3s", "till.names=a,b")) {
      assertThat(in(node, TillProperties.class))
          .isEqualTo(new TillProperties(Duration.ofSeconds(3), List.of("a", "b")));
    }
  }

  @SupervisorConfiguration(proxyBeanMethods = false)
  @Import(Show.class)
  static class Scoped {
    @Bean
    @SupervisorScope
    Greeter greeter() {
      return new Greeter();
    }
  }

  @Test
  void supervisorScopeIsOneInstancePerIncarnation() {
    try (Node node = node(Scoped.class)) {
      Greeter first = in(node, Greeter.class);
      assertThat(in(node, Greeter.class)).isSameAs(first);
      node.restart("shop");
      assertThat(in(node, Greeter.class)).isNotSameAs(first);
    }
  }

  // --- what happens to the context

  @Test
  void theRootIsNotToldWhatHappensToIt() {
    Window window;
    Listener listener;
    ApplicationContext context;
    try (Node node = node(Features.class)) {
      window = node.bean(Window.class);
      context = window.context();
      listener = in(node, Listener.class);
      AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
      node.restart("shop");
    }
    assertThat(listener.seen)
        .contains(LivenessState.BROKEN)
        .filteredOn(ContextRefreshedEvent.class::isInstance)
        .hasSize(1);
    assertThat(window.seenByRoot)
        .filteredOn(ApplicationContextEvent.class::isInstance)
        .isNotEmpty()
        .extracting(event -> ((ApplicationContextEvent) event).getApplicationContext())
        .doesNotContain(context, window.context());
    assertThat(window.seenByRoot)
        .filteredOn(AvailabilityChangeEvent.class::isInstance)
        .extracting(event -> (Object) ((AvailabilityChangeEvent<?>) event).getState())
        .doesNotContain(LivenessState.BROKEN);
  }
}
