package io.otp.snippets;

import static io.otp.server.Next.continueWith;
import static io.otp.server.Next.noreply;
import static io.otp.server.Next.reply;
import static io.otp.server.Next.stop;
import static io.otp.server.Next.timeout;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Deadline;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Info;
import io.otp.process.Opaque;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.RequestId;
import io.otp.server.RequestId.Answer;
import io.otp.server.RequestIds;
import io.otp.server.RequestIds.Outcome.Answered;
import io.otp.server.ServerOptions;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The examples in the Javadoc of io.otp.server, compiled. Change both together. */
final class ServerSnippets {

  private ServerSnippets() {}

  /** GenServer. */
  // @Component
  static final class Ledger implements GenServer<Ledger.Message, Map<String, Long>> {
    sealed interface Message {}

    record Deposit(String account, long cents) implements Message, Cast<Message> {}

    record Balance(String account) implements Message, Call<Message, Long> {}

    @Override
    public Map<String, Long> init(NoArgs args, Self<Message> self) {
      return Map.of();
    }

    @Override
    public Next<Map<String, Long>> handle(
        Message message, Map<String, Long> accounts, Self<Message> self) {
      return switch (message) {
        case Deposit(var account, var cents) -> noreply(add(accounts, account, cents));
        case Balance b -> reply(b, accounts.getOrDefault(b.account(), 0L), accounts);
      };
    }

    private static Map<String, Long> add(Map<String, Long> accounts, String account, long cents) {
      var changed = new HashMap<>(accounts);
      changed.merge(account, cents, Long::sum);
      return Map.copyOf(changed);
    }
  }

  /** Next. */
  static final class Importing implements GenServer<Importing.Message, Importing.State> {
    sealed interface Message {}

    record Balance(String account) implements Message, Call<Message, Long> {}

    record Import(String file) implements Message, Cast<Message> {}

    record Close() implements Message, Call<Message, Call.Ok> {}

    record ReadNextPage(String file, int page) {}

    /** Sealed: a callback returns any of them. */
    sealed interface State {}

    record Idle(Map<String, Long> accounts) implements State {}

    record Reading(Map<String, Long> accounts, int pages) implements State {}

    @Override
    public State init(NoArgs args, Self<Message> self) {
      return new Idle(Map.of());
    }

    @Override
    public Next<State> handle(Message message, State state, Self<Message> self) {
      return switch (message) {
        case Balance b -> reply(b, 0L, state, timeout(Duration.ofMinutes(5)));
        case Import i ->
            noreply(new Reading(Map.of(), 0), continueWith(new ReadNextPage(i.file(), 1)));
        case Close c -> stop(ExitReason.NORMAL, c, Call.Ok.OK, state);
      };
    }

    @Override
    public Next<State> handleContinue(Object continuation, State state, Self<Message> self) {
      return switch (continuation) {
        case ReadNextPage(var file, var page) when page < 3 ->
            noreply(new Reading(Map.of(), page), continueWith(new ReadNextPage(file, page + 1)));
        default -> noreply(new Idle(Map.of()));
      };
    }
  }

  /** GenServers. */
  static void startAndStop(Self<?> self, Ledger ledger) {
    StartResult result =
        GenServers.startLink(self, ledger, NoArgs.NO_ARGS, StartOptions.named("ledger"));
    if (result instanceof StartResult.Started(var pid, _)) {
      GenServers.stop(ServerRef.of(self.runtime(), pid));
    }
  }

  /** ServerRef. */
  static long castAndCall(ServerRef<Ledger.Message> ledger) {
    ledger.cast(new Ledger.Deposit("joe", 500));
    long balance = ledger.call(new Ledger.Balance("joe"));
    return balance;
  }

  /** ServerRef.sendRequest. */
  static Optional<Answer<Long>> request(Self<?> self, ServerRef<Ledger.Message> ledger) {
    RequestId<Long> id = ledger.sendRequest(self, new Ledger.Balance("joe"));
    // ... do something else, then
    Optional<Answer<Long>> answer = id.receiveResponse(self, Duration.ofSeconds(5));
    return answer;
  }

  /** RequestId. */
  static final class Asking
      implements ArgsGenServer<ServerRef<Ledger.Message>, Asking.Message, Asking.State> {
    sealed interface Message {}

    record Seen() implements Message, Call<Message, String> {}

    record State(RequestId<Long> balance, String seen) {
      State withBalance(long cents) {
        return new State(balance, cents + " cents");
      }

      State withoutBalance(ExitReason reason) {
        return new State(balance, reason.toString());
      }
    }

    @Override
    public State init(ServerRef<Ledger.Message> ledger, Self<Message> self) {
      return new State(ledger.sendRequest(self, new Ledger.Balance("joe")), "nothing");
    }

    @Override
    public Next<State> handle(Message message, State state, Self<Message> self) {
      return switch (message) {
        case Seen s -> reply(s, state.seen(), state);
      };
    }

    @Override
    public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
      return switch (state.balance().checkResponse(info).orElse(null)) {
        case Answer.Reply<Long>(var cents) -> noreply(state.withBalance(cents));
        case Answer.Failed<Long>(var reason, var server) -> noreply(state.withoutBalance(reason));
        case null -> ArgsGenServer.super.handleInfo(info, state, self);
      };
    }
  }

  /** RequestIds. */
  static Map<String, Answer<? extends Long>> requests(
      Self<?> self, ServerRef<Ledger.Message> ledger, List<String> accounts) {
    var found = new HashMap<String, Answer<? extends Long>>();
    RequestIds<Long, String> ids = RequestIds.empty();
    for (String account : accounts) {
      ids = ids.add(ledger.sendRequest(self, new Ledger.Balance(account)), account);
    }
    Deadline deadline = Deadline.in(Duration.ofSeconds(5), self.runtime());
    while (ids.receiveResponse(self, deadline.left(), true)
        instanceof Answered<Long, String>(var answer, var account, var rest)) {
      found.put(account, answer);
      ids = rest;
    }
    return found;
  }

  /** Init, From, Opaque and options. */
  static final class Gateway
      implements ArgsGenServer<Gateway.Config, Gateway.Message, Gateway.Link> {
    record Config(boolean enabled) {}

    sealed interface Message {}

    record Fetch(String url) implements Message, Call<Message, String> {}

    record Fetched(String page) implements Message, Cast<Message> {}

    record Link(Opaque<SocketChannel> channel, @Nullable From<String> waiting) {
      Link waiting(From<String> from) {
        return new Link(channel, from);
      }
    }

    @Override
    public ServerOptions options() {
      return ServerOptions.DEFAULT.withTrapExits(true);
    }

    @Override
    public Link init(Config config, Self<Message> self) throws Exception {
      if (!config.enabled()) {
        throw Init.ignore();
      }
      return new Link(Opaque.of(SocketChannel.open()), null);
    }

    @Override
    public Next<Link> handle(Message message, Link state, Self<Message> self) {
      return switch (message) {
        case Fetch fetch -> {
          From<String> from = self.from(fetch);
          yield noreply(state.waiting(from)); // a later callback: from.reply(page)
        }
        case Fetched(var page) -> {
          if (state.waiting() != null) {
            state.waiting().reply(page);
          }
          yield noreply(state);
        }
      };
    }

    @Override
    public void terminate(ExitReason reason, Link state, Self<Message> self) throws Exception {
      state.channel().value().close();
    }
  }
}
