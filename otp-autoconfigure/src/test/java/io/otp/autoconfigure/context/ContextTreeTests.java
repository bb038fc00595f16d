package io.otp.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import io.otp.process.Call;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerOptions;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How long a context lives, and who is in it. */
class ContextTreeTests {

  /** A root bean that talks to servers it has never seen. */
  record Client(
      ServerRef<Shop.Message> till, DynamicSupervisor<String, Shop.BasketMessage> baskets) {}

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({
    OtpAutoConfiguration.class,
    ContextAutoConfiguration.class,
    TreeAutoConfiguration.class
  })
  static class Base {
    @Bean
    Node.Events events() {
      return new Node.Events();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class WithClient extends Base {
    @Bean
    Client client(
        ServerRef<Shop.Message> till, DynamicSupervisor<String, Shop.BasketMessage> baskets) {
      return new Client(till, baskets);
    }
  }

  private static final String SHOP = "otp.supervisors.top.children[0].supervisor.";

  private static String[] yaml(String... more) {
    return Stream.concat(
            Stream.of(
                "otp.supervisors.top.intensity=100",
                "otp.supervisors.top.children[0].id=shop",
                SHOP + "context.configuration=" + Shop.Configuration.class.getName(),
                SHOP + "children[0].id=till",
                SHOP + "children[0].server=till",
                SHOP + "children[1].id=baskets",
                SHOP + "children[1].dynamic.server=basket"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  @Test
  void livesAsLongAsAnIncarnation() {
    try (Node node = Node.of(WithClient.class, yaml())) {
      Client client = node.bean(Client.class);
      int first = client.till().call(new Shop.Which());
      node.restart("till");
      assertThat(client.till().call(new Shop.Which())).isEqualTo(first); // another till only
      node.restart("shop");
      int second = client.till().call(new Shop.Which());
      assertThat(second).isGreaterThan(first);
      assertThat(client.baskets().getOrStart("joe", "Joe").call(new Shop.Owner()))
          .isEqualTo("Joe " + second);
    }
  }

  @Test
  void childrenStopBeforeItCloses() {
    Node.Events events;
    int number;
    try (Node node = Node.of(WithClient.class, yaml())) {
      events = node.bean(Node.Events.class);
      number = node.bean(Client.class).till().call(new Shop.Which());
    }
    assertThat(events.seen())
        .containsExactly(
            "open " + number, "till with " + number, "till ends with " + number, "close " + number);
  }

  @Test
  void aKilledSupervisorsContextIsClosedAfterItsChildrenAndBeforeTheNextIsOpened() {
    try (Node node = Node.of(WithClient.class, yaml())) {
      int first = node.bean(Client.class).till().call(new Shop.Which());
      node.restart("shop");
      int second = node.bean(Client.class).till().call(new Shop.Which());
      assertThat(node.bean(Node.Events.class).seen())
          .containsExactly(
              "open " + first,
              "till with " + first,
              "till ends with " + first,
              "close " + first,
              "open " + second,
              "till with " + second);
      assertThat(node.bean(SupervisorContexts.class).count()).isEqualTo(1);
    }
  }

  /** Takes its time to end, until it is told to. */
  static final class Lingering implements GenServer<Shop.Message, String> {
    static volatile CountDownLatch ending = new CountDownLatch(1);
    static volatile CountDownLatch go = new CountDownLatch(1);

    @Override
    public String init(NoArgs args, Self<Shop.Message> self) {
      return "";
    }

    @Override
    public Next<String> handle(Shop.Message message, String state, Self<Shop.Message> self) {
      return Next.noreply(state);
    }

    @Override
    public void terminate(ExitReason reason, String state, Self<Shop.Message> self)
        throws Exception {
      ending.countDown();
      go.await();
    }

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withTrapExits(true);
    }
  }

  @SupervisorConfiguration(proxyBeanMethods = false)
  static class WithLingering {
    static volatile CountDownLatch closed = new CountDownLatch(1);

    @Bean
    Lingering lingering() {
      return new Lingering();
    }

    @Bean
    AutoCloseable end() {
      return () -> closed.countDown();
    }
  }

  @Test
  void aKilledSupervisorsContextWaitsForASlowChild() throws InterruptedException {
    Lingering.ending = new CountDownLatch(1);
    Lingering.go = new CountDownLatch(1);
    WithLingering.closed = new CountDownLatch(1);
    try (Node node =
        Node.of(
            Base.class,
            "otp.supervisors.top.intensity=100",
            "otp.supervisors.top.children[0].id=shop",
            "otp.supervisors.top.children[0].restart=temporary",
            SHOP + "context.configuration=" + WithLingering.class.getName(),
            SHOP + "children[0].id=lingering",
            SHOP + "children[0].server=lingering")) {
      node.runtime.exit(node.pid("shop"), ExitReason.KILL);
      awaitLatch(Lingering.ending);
      assertThat(WithLingering.closed.await(300, TimeUnit.MILLISECONDS)).isFalse();
      Lingering.go.countDown();
      awaitLatch(WithLingering.closed);
    } finally {
      Lingering.go.countDown();
    }
  }

  @Test
  void theRootHasNoneOfItsBeans() {
    try (Node node = Node.of(WithClient.class, yaml())) {
      assertThat(node.root.getBeanNamesForType(Shop.Resource.class)).isEmpty();
      assertThat(node.root.getBeanNamesForType(Shop.Configuration.class)).isEmpty();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class AsABean extends Base {
    @Bean
    @SupervisorContext(value = Shop.Configuration.class, supervisor = "shop")
    SupervisorSpec top() {
      return SupervisorSpec.of(
              "top",
              Strategy.ONE_FOR_ONE,
              ChildSpec.supervisor(
                  "shop",
                  SupervisorSpec.of(
                      "shop",
                      Strategy.ONE_FOR_ONE,
                      BeanChild.worker("till"),
                      BeanChild.dynamic("baskets", "basket", spec -> spec.withMaxChildren(2)))))
          .withIntensity(100, Duration.ofSeconds(5));
    }

    @Bean
    Client client(ServerRef<Shop.Message> till, ProcessRuntime runtime) {
      return new Client(till, DynamicSupervisor.of(runtime, "baskets"));
    }
  }

  @Test
  void theBeanFormSaysTheSame() {
    try (Node node = Node.of(AsABean.class)) {
      Client client = node.bean(Client.class);
      int first = client.till().call(new Shop.Which());
      node.restart("shop");
      assertThat(client.till().call(new Shop.Which())).isGreaterThan(first);
      int second = client.till().call(new Shop.Which());
      assertThat(client.baskets().startChild("Joe").call(new Shop.Owner()))
          .isEqualTo("Joe " + second);
      assertThat(node.bean(SupervisorContexts.class).contextOf(node.pid("shop")))
          .matches("shop#\\d+");
      assertThat(node.bean(SupervisorContexts.class).contextOf(node.pid("top"))).isNull();
    }
  }

  // --- nested

  /** Seen by what is within. */
  record Outer(int number) {}

  /** In the context within. */
  record Inner(int number, Outer outer, Node.Events events) implements AutoCloseable {
    @Override
    public void close() {
      events.add("close inner of " + outer.number());
    }
  }

  @SupervisorConfiguration(proxyBeanMethods = false)
  static class OuterConfiguration {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Bean(destroyMethod = "")
    Outer outer() {
      return new Outer(NUMBERS.incrementAndGet());
    }

    @Bean
    AutoCloseable outerEnd(Outer outer, Node.Events events) {
      return () -> events.add("close outer " + outer.number());
    }
  }

  sealed interface Ask {}

  record Numbers() implements Ask, Call<Ask, List<Integer>> {}

  static final class Asked implements GenServer<Ask, String> {
    private final Inner inner;

    Asked(Inner inner) {
      this.inner = inner;
    }

    @Override
    public String init(NoArgs args, Self<Ask> self) {
      return "";
    }

    @Override
    public Next<String> handle(Ask message, String state, Self<Ask> self) {
      return switch (message) {
        case Numbers numbers ->
            Next.reply(numbers, List.of(inner.outer().number(), inner.number()), state);
      };
    }
  }

  @SupervisorConfiguration(proxyBeanMethods = false)
  static class InnerConfiguration {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Bean
    Inner inner(Outer outer, Node.Events events) {
      return new Inner(NUMBERS.incrementAndGet(), outer, events);
    }

    @Bean
    Asked asked(Inner inner) {
      return new Asked(inner);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class WithAsked extends Base {
    @Bean
    AtomicInteger usesTheRef(ServerRef<Ask> ref) {
      return new AtomicInteger(ref.hashCode());
    }
  }

  private static final String NEST = SHOP + "children[0].supervisor.";

  private static final String[] NESTED = {
    "otp.supervisors.top.intensity=100",
    "otp.supervisors.top.children[0].id=outer",
    SHOP + "intensity=100",
    SHOP + "context.configuration[0]=" + OuterConfiguration.class.getName(),
    SHOP + "children[0].id=inner",
    NEST + "context.configuration[0]=" + InnerConfiguration.class.getName(),
    NEST + "children[0].id=asked",
    NEST + "children[0].server=asked"
  };

  @Test
  void contextsNestAsTheirSupervisorsDo() {
    try (Node node = Node.of(WithAsked.class, NESTED)) {
      ServerRef<Ask> ref = ServerRef.of(node.runtime, "asked");
      List<Integer> first = ref.call(new Numbers());
      node.restart("inner");
      Node.await("asked is back", () -> node.runtime.whereis("asked").isPresent());
      List<Integer> second = ref.call(new Numbers());
      assertThat(second.get(0)).isEqualTo(first.get(0));
      assertThat(second.get(1)).isGreaterThan(first.get(1));
      node.restart("outer");
      List<Integer> third = ref.call(new Numbers());
      assertThat(third.get(0)).isGreaterThan(second.get(0));
      assertThat(third.get(1)).isGreaterThan(second.get(1));
      assertThat(node.bean(Node.Events.class).seen())
          .containsExactly(
              "close inner of " + first.get(0),
              "close inner of " + first.get(0),
              "close outer " + first.get(0));
    }
  }

  // --- failures

  /** Fails when it is told to. */
  @SupervisorConfiguration(proxyBeanMethods = false)
  static class Failing {
    static final AtomicInteger STARTS = new AtomicInteger();
    static volatile boolean fails;
    static volatile String text = "";

    @Bean
    Shop.Resource resource(Node.Events events) {
      return new Shop.Resource(events);
    }

    @Bean
    AtomicInteger starts(Shop.Resource resource) {
      STARTS.incrementAndGet();
      if (fails) {
        throw new IllegalStateException(text);
      }
      return new AtomicInteger(resource.number);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no network", BrokenAnalyzer.TEXT})
  void aFailedRefreshIsAFailedStartThatTheParentCounts(String text) throws InterruptedException {
    Failing.fails = false;
    Failing.text = text;
    try (Node node =
        Node.of(
            Base.class,
            "otp.node-exit=close",
            "otp.applications.top.type=temporary",
            "otp.applications.top.supervisor.intensity=3",
            "otp.applications.top.supervisor.period=60s",
            "otp.applications.top.supervisor.children[0].id=shop",
            "otp.applications.top.supervisor.children[0].supervisor.context.configuration="
                + Failing.class.getName())) {
      int before = Failing.STARTS.get();
      Failing.fails = true;
      Pid top = node.pid("top");
      node.runtime.exit(node.pid("shop"), ExitReason.KILL);
      node.awaitEnd(top);
      assertThat(Failing.STARTS.get() - before).isEqualTo(3);
      assertThat(node.bean(SupervisorContexts.class).count()).isZero();
      List<String> events = node.bean(Node.Events.class).seen();
      assertThat(events.stream().filter(event -> event.startsWith("close")))
          .hasSize(1 + 3)
          .doesNotHaveDuplicates();
    }
  }

  /** Waits in the midst of its refresh, until it is told to go on. */
  @SupervisorConfiguration(proxyBeanMethods = false)
  static class Slow {
    static final AtomicInteger STARTS = new AtomicInteger();
    static volatile CountDownLatch begun = new CountDownLatch(1);
    static volatile CountDownLatch go = new CountDownLatch(0);

    @Bean
    Shop.Resource resource(Node.Events events) throws InterruptedException {
      STARTS.incrementAndGet();
      begun.countDown();
      assertThat(go.await(Node.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return new Shop.Resource(events);
    }
  }

  @Test
  void aKillDuringTheRefreshDoesNotInterruptItAndItIsClosedThen() {
    Slow.begun = new CountDownLatch(1);
    Slow.go = new CountDownLatch(0);
    try (Node node =
        Node.of(
            Base.class,
            "otp.supervisors.top.intensity=100",
            "otp.supervisors.top.children[0].id=shop",
            SHOP + "context.configuration=" + Slow.class.getName())) {
      int starts = Slow.STARTS.get();
      Slow.begun = new CountDownLatch(1);
      Slow.go = new CountDownLatch(1);
      Pid first = node.pid("shop");
      node.runtime.exit(first, ExitReason.KILL);
      awaitLatch(Slow.begun);
      Pid second =
          node.runtime.whereis("shop").filter(pid -> pid != first).orElseThrow(); // refreshes
      node.runtime.exit(second, ExitReason.KILL);
      Slow.go.countDown();
      Node.await(
          "the third",
          () ->
              Slow.STARTS.get() == starts + 2
                  && Supervisor.of(node.runtime, "top").countChildren().active() == 1);
      List<String> events = node.bean(Node.Events.class).seen();
      // open, close of the first, of the second, open of the third
      assertThat(events.stream().map(event -> event.replaceAll(" .*", "")))
          .containsExactly("open", "close", "open", "close", "open");
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(Node.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void itClosesWhenItsSupervisorIsTerminatedAndOpensWhenThatIsRestarted() {
    try (Node node = Node.of(WithClient.class, yaml())) {
      int first = node.bean(Client.class).till().call(new Shop.Which());
      assertThat(first).isPositive();
      Supervisor top = Supervisor.of(node.runtime, "top");
      top.terminateChild("shop");
      assertThat(node.bean(SupervisorContexts.class).count()).isZero();
      assertThat(node.bean(Node.Events.class).seen()).endsWith("close " + first);
      assertThat(top.restartChild("shop").toString()).contains("Started");
      assertThat(node.bean(SupervisorContexts.class).count()).isEqualTo(1);
    }
  }

  @Test
  void theRootPassesOverWhatIsForSupervisors() {
    try (Node node = Node.of(new Class<?>[] {WithScoped.class, OuterConfiguration.class})) {
      assertThat(node.root.getBeanNamesForType(Outer.class)).isEmpty();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class WithScoped extends Base {
    @Bean
    @SupervisorScope
    Outer scoped() {
      return new Outer(0);
    }
  }
}
