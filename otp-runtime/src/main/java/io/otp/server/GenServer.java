package io.otp.server;

/**
 * A server without start arguments; see {@link ArgsGenServer} for everything else.
 *
 * {@snippet :
 * @Component
 * final class Ledger implements GenServer<Ledger.Message, Map<String, Long>> {
 *   sealed interface Message {}
 *   record Deposit(String account, long cents) implements Message, Cast<Message> {}
 *   record Balance(String account) implements Message, Call<Message, Long> {}
 *
 *   public Map<String, Long> init(NoArgs args, Self<Message> self) {
 *     return Map.of();
 *   }
 *
 *   public Next<Map<String, Long>> handle(Message message, Map<String, Long> accounts, Self<Message> self) {
 *     return switch (message) {
 *       case Deposit(var account, var cents) -> noreply(add(accounts, account, cents));
 *       case Balance b -> reply(b, accounts.getOrDefault(b.account(), 0L), accounts);
 *     };
 *   }
 * }
 * }
 *
 * @param <M> its messages, a sealed interface of records
 * @param <S> its state, immutable
 */
public interface GenServer<M, S> extends ArgsGenServer<NoArgs, M, S> {}
