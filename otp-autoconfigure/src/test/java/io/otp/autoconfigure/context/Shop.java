package io.otp.autoconfigure.context;

import io.otp.process.Call;
import io.otp.process.ExitReason;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerOptions;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.context.annotation.Bean;

/** What the tests start in contexts: a resource and the servers that use it. */
final class Shop {

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private Shop() {}

  /** A bean of a context. */
  static final class Resource implements AutoCloseable {
    final int number = NUMBERS.incrementAndGet();
    final Node.Events events;
    private volatile boolean closed;

    Resource(Node.Events events) {
      this.events = events;
      events.add("open " + number);
    }

    int use() {
      if (closed) {
        throw new IllegalStateException("resource " + number + " is closed");
      }
      return number;
    }

    @Override
    public void close() {
      closed = true;
      events.add("close " + number);
    }
  }

  sealed interface Message {}

  record Which() implements Message, Call<Message, Integer> {}

  /** A server with a resource, which it uses to its very end. */
  static final class Till implements GenServer<Message, String> {
    private final Resource resource;

    Till(Resource resource) {
      this.resource = resource;
    }

    @Override
    public String init(NoArgs args, Self<Message> self) {
      resource.events.add("till with " + resource.use());
      return "open";
    }

    @Override
    public Next<String> handle(Message message, String state, Self<Message> self) {
      return switch (message) {
        case Which which -> Next.reply(which, resource.use(), state);
      };
    }

    @Override
    public void terminate(ExitReason reason, String state, Self<Message> self) {
      resource.events.add("till ends with " + resource.use());
    }

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withTrapExits(true);
    }
  }

  sealed interface BasketMessage {}

  record Owner() implements BasketMessage, Call<BasketMessage, String> {}

  /** A server with start arguments. */
  static final class Basket implements ArgsGenServer<String, BasketMessage, String> {
    private final Resource resource;

    Basket(Resource resource) {
      this.resource = resource;
    }

    @Override
    public String init(String owner, Self<BasketMessage> self) {
      return owner;
    }

    @Override
    public Next<String> handle(BasketMessage message, String owner, Self<BasketMessage> self) {
      return switch (message) {
        case Owner request -> Next.reply(request, owner + " " + resource.use(), owner);
      };
    }
  }

  /** The context of most tests. */
  @SupervisorConfiguration
  static class Configuration {
    @Bean
    Resource resource(Node.Events events) {
      return new Resource(events);
    }

    @Bean
    Till till(Resource resource) {
      return new Till(resource);
    }

    @Bean
    Basket basket(Resource resource) {
      return new Basket(resource);
    }
  }
}
