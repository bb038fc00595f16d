package io.otp.process;

/**
 * A message that wants an answer of type {@code R}. The request itself is the witness of the
 * reply's type: a server answers a {@code Call<M, Long>} with a {@code Long} or does not compile.
 *
 * {@snippet :
 * record Balance(String account) implements Message, Call<Message, Long> {}
 * long cents = ledger.call(new Balance("joe"));
 * }
 *
 * @param <M> the messages of the server
 * @param <R> the reply; immutable, never {@code null}; use {@link Ok} where there is nothing to say
 */
public interface Call<M, R> {

  /** The reply of a call that has nothing else to say: Erlang's {@code ok}. */
  enum Ok {
    /** Done. */
    OK
  }
}
