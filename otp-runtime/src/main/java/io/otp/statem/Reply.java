package io.otp.statem;

/**
 * The answer to a call: {@link Transition#reply}.
 *
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/gen_statem.html#t:reply_action/0">gen_statem:reply_action()</a>
 */
public final class Reply implements EnterAction {

  private final Object to;
  private final Object reply;

  /**
   * @param to the call that is being handled, or a {@link io.otp.process.From}
   */
  Reply(Object to, Object reply) {
    this.to = to;
    this.reply = reply;
  }

  Object to() {
    return to;
  }

  Object reply() {
    return reply;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Reply that && to.equals(that.to) && reply.equals(that.reply);
  }

  @Override
  public int hashCode() {
    return 31 * to.hashCode() + reply.hashCode();
  }

  @Override
  public String toString() {
    return "reply(" + to + ", " + reply + ")";
  }
}
