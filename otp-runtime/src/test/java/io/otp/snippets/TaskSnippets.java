package io.otp.snippets;

import static io.otp.server.Next.noreply;

import io.otp.process.Call;
import io.otp.process.Info;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.supervisor.SupervisorSpec;
import io.otp.task.Multicall;
import io.otp.task.Outcome;
import io.otp.task.StreamOptions;
import io.otp.task.Task;
import io.otp.task.TaskSupervisor;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** The examples in the Javadoc of io.otp.task, compiled. Change both together. */
final class TaskSnippets {

  private TaskSnippets() {}

  record Price(long cents) {}

  record Offer(Price price, int stock) {}

  interface Shop {
    Price priceOf(String article);
  }

  interface Store {
    int count(String article);
  }

  /** Task. */
  static Offer task(Self<Object> self, Shop shop, Store store) {
    Task<Price> price = Task.async(self, () -> shop.priceOf("tea"));
    Task<Integer> stock = Task.async(self, () -> store.count("tea"));
    var offer = new Offer(price.await(self), stock.await(self)); // both ran at the same time
    return offer;
  }

  /** Task in a server. */
  abstract static class Pricing implements GenServer<Pricing.Message, Pricing.State> {
    interface Message {}

    record State(Task<Price> price) {
      State withPrice(Price price) {
        return this;
      }

      State withoutPrice(Object reason) {
        return this;
      }
    }

    @Override
    public State init(NoArgs args, Self<Message> self) {
      return new State(Task.async(self, () -> new Price(1)));
    }

    @Override
    public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
      return switch (state.price().outcome(self, info).orElse(null)) {
        case Outcome.Ok<Price>(var price) -> noreply(state.withPrice(price));
        case Outcome.Exited<Price>(var reason) -> noreply(state.withoutPrice(reason));
        case null -> GenServer.super.handleInfo(info, state, self);
      };
    }
  }

  record Page(String text) {}

  private static Page fetch(URI url) {
    return new Page(url.toString());
  }

  /** Task.asyncStream. */
  static List<Outcome<Page>> stream(Self<Object> self, List<URI> urls) {
    List<Outcome<Page>> pages;
    try (var fetched = Task.asyncStream(self, urls, url -> fetch(url), StreamOptions.DEFAULT)) {
      pages = fetched.toList();
    }
    return pages;
  }

  record Receipt(String id) {}

  interface Mailer {
    Receipt send(String letter);
  }

  /** TaskSupervisor. */
  static Receipt supervisor(
      ProcessRuntime runtime, Self<Object> self, Mailer mailer, String letter) {
    SupervisorSpec spec = TaskSupervisor.spec("mails"); // a child of some supervisor

    TaskSupervisor mails = TaskSupervisor.of(runtime, spec.name());
    mails.startChild(task -> mailer.send(letter)); // nobody waits for it
    Task<Receipt> receipt = mails.asyncNolink(self, () -> mailer.send(letter));
    return receipt.await(self);
  }

  interface Message {}

  record Balance(String account) implements Message, Call<Message, Long> {}

  /** Multicall. */
  static List<Outcome<Long>> multicall(Self<Object> self, List<ServerRef<Message>> ledgers) {
    List<Outcome<Long>> balances =
        Multicall.run(
            self, ledgers, ledger -> ledger.call(new Balance("joe")), Duration.ofSeconds(2));
    return balances;
  }
}
