package io.otp.process;

/**
 * A message that wants no answer.
 *
 * {@snippet :
 * record Deposit(String account, long cents) implements Message, Cast<Message> {}
 * ledger.cast(new Deposit("joe", 500));
 * }
 *
 * @param <M> the messages of the server
 */
public interface Cast<M> {}
