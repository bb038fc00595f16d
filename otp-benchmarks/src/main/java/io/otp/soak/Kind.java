package io.otp.soak;

import io.otp.process.MailboxBound;
import io.otp.process.Overload;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What sort of process it is.
 *
 * @param form raw, behaviour, server, or a thread that is no process
 * @param sleepy whether it blocks in code that is not the runtime's
 * @param ownThread whether each activation wants a thread of its own
 * @param bound the bound of its mailbox, {@code null} for none
 */
record Kind(Form form, boolean sleepy, boolean ownThread, @Nullable MailboxBound bound) {

  enum Form {
    RAW,
    BEHAVIOUR,
    SERVER,
    THREAD
  }

  static final Kind THREAD = new Kind(Form.THREAD, false, false, null);

  static Kind random(Random random) {
    Form form = Form.values()[random.nextInt(3)];
    boolean sleepy = random.nextInt(10) == 0;
    if (form == Form.RAW) {
      return new Kind(form, sleepy, false, null);
    }
    Overload[] policies = Overload.values();
    MailboxBound bound =
        random.nextInt(3) > 0
            ? null
            : new MailboxBound(
                1 + random.nextInt(20),
                policies[random.nextInt(policies.length)],
                Duration.ofMillis(20));
    return new Kind(form, sleepy, random.nextInt(20) == 0, bound);
  }

  boolean isServer() {
    return form == Form.SERVER || form == Form.BEHAVIOUR;
  }

  /** Whether a message may vanish while its receiver lives. */
  boolean drops() {
    return bound != null
        && (bound.policy() == Overload.DROP_OLDEST || bound.policy() == Overload.DROP_NEWEST);
  }

  String text() {
    return (sleepy ? "sleepy " : "")
        + (ownThread ? "own-thread " : "")
        + form.name().toLowerCase()
        + (bound == null ? "" : " bounded to " + bound.limit() + " " + bound.policy().text());
  }
}
