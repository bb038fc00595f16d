package io.otp.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import io.otp.process.Call;
import io.otp.process.ExitReason;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One instance per process, in the root and in the context of a supervisor. */
class ProcessScopeTests {

  /** Each process has its own. */
  static class Connection implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private final int number = NUMBERS.incrementAndGet();
    private final Node.Events events;

    Connection(Node.Events events) {
      this.events = events;
    }

    int number() {
      return number;
    }

    @Override
    public void close() {
      events.add("close " + number);
    }
  }

  sealed interface Message {}

  record Number() implements Message, Call<Message, Integer> {}

  static final class User implements GenServer<Message, String> {
    private final Connection connection;

    User(Connection connection) {
      this.connection = connection;
    }

    @Override
    public String init(NoArgs args, Self<Message> self) {
      return "";
    }

    @Override
    public Next<String> handle(Message message, String state, Self<Message> self) {
      return switch (message) {
        case Number number -> Next.reply(number, connection.number(), state);
      };
    }
  }

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
  static class Root extends Base {
    @Bean
    @ProcessScope
    Connection connection(Node.Events events) {
      return new Connection(events);
    }

    @Bean
    User user(Connection connection) {
      return new User(connection);
    }
  }

  @SupervisorConfiguration(proxyBeanMethods = false)
  static class Child {
    @Bean
    @ProcessScope
    Connection connection(Node.Events events) {
      return new Connection(events);
    }

    @Bean
    User user(Connection connection) {
      return new User(connection);
    }
  }

  private static final String SHOP = "otp.supervisors.top.children[0].supervisor.";

  private static Node node(Class<?> source, String... more) {
    return Node.of(
        source,
        Stream.concat(
                Stream.of(
                    "otp.supervisors.top.intensity=100",
                    "otp.supervisors.top.children[0].id=shop",
                    SHOP + "intensity=100",
                    SHOP + "children[0].id=a",
                    SHOP + "children[0].server=user",
                    SHOP + "children[1].id=b",
                    SHOP + "children[1].server=user"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static Node inTheRoot(String... more) {
    return node(Root.class, more);
  }

  private static Node inAContext() {
    return node(Base.class, SHOP + "context.configuration=" + Child.class.getName());
  }

  private static int number(Node node, String name) {
    return ServerRef.<Message>of(node.runtime, name).call(new Number());
  }

  private static void eachProcessHasItsOwn(Node node) {
    int a = number(node, "a");
    int b = number(node, "b");
    assertThat(a).isNotEqualTo(b);
    assertThat(number(node, "a")).isEqualTo(a);
    assertThat(number(node, "b")).isEqualTo(b);
    var pid = node.pid("a");
    node.runtime.exit(pid, ExitReason.KILL);
    Node.await(
        "destroyed", () -> node.bean(Node.Events.class).seen().equals(List.of("close " + a)));
    Node.await(
        "a is back", () -> node.runtime.whereis("a").filter(other -> other != pid).isPresent());
    assertThat(number(node, "a")).isNotIn(a, b);
    assertThat(number(node, "b")).isEqualTo(b);
  }

  @Test
  void eachProcessHasItsOwnInTheRoot() {
    Node.Events events;
    try (Node node = inTheRoot()) {
      events = node.bean(Node.Events.class);
      eachProcessHasItsOwn(node);
    }
    assertThat(events.seen()).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void eachProcessHasItsOwnInAContext() {
    Node.Events events;
    try (Node node = inAContext()) {
      events = node.bean(Node.Events.class);
      eachProcessHasItsOwn(node);
    }
    assertThat(events.seen()).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void outsideAProcessItSaysSo() {
    try (Node node = inTheRoot()) {
      assertThatExceptionOfType(BeanCreationException.class)
          .isThrownBy(() -> node.bean(Connection.class).number())
          .withMessage(
              "Error creating bean with name 'connection': Bean 'connection' has process scope, but"
                  + " thread '"
                  + Thread.currentThread().getName()
                  + "' runs no process of node 'otp'. Use it in a callback of a server, or in what"
                  + " a callback calls on its own thread; for other threads give the bean another"
                  + " scope.");
    }
  }

  @Test
  void thereAreNoMoreThanAllowed() throws Exception {
    try (Node node = inTheRoot("otp.process-scope.max-instances=1")) {
      Connection connection = node.bean(Connection.class);
      assertThat(number(node, "a")).isPositive();
      var refusal = new CompletableFuture<Throwable>();
      node.runtime.spawn(
          self -> {
            try {
              connection.number();
              refusal.complete(null);
            } catch (RuntimeException e) {
              refusal.complete(e);
            }
          });
      assertThat(refusal.get(30, TimeUnit.SECONDS))
          .isInstanceOf(BeanCreationException.class)
          .hasMessageStartingWith(
              "Error creating bean with name 'connection': There are 1 instances of process-scoped"
                  + " beans already, as many as are allowed, so bean 'connection' cannot be made"
                  + " for process <")
          .hasMessageEndingWith(
              "End processes, let fewer of them use it, or raise otp.process-scope.max-instances.");
      node.runtime.exit(node.pid("a"), ExitReason.KILL);
      Node.await("destroyed", () -> node.bean(Node.Events.class).seen().size() == 1);
      Node.await("there is room", () -> made(node, connection));
    }
  }

  private static boolean made(Node node, Connection connection) {
    var made = new CompletableFuture<Boolean>();
    node.runtime.spawn(
        self -> {
          try {
            made.complete(connection.number() > 0);
          } catch (RuntimeException e) {
            made.complete(false);
          }
        });
    return made.join();
  }
}
