package io.otp.stage;

import io.otp.process.Ref;

/** A subscription of a stage to a producer; see {@link StageRef#subscribeTo}. */
public final class Subscription {

  private final StageRef<?, ?> consumer;
  private final Ref tag;

  Subscription(StageRef<?, ?> consumer, Ref tag) {
    this.consumer = consumer;
    this.tag = tag;
  }

  /**
   * Ends it. Events that are on their way are dropped; what its end means to the consumer is what
   * the end of its producer with {@code normal} would.
   *
   * @return whether it was there
   * @throws io.otp.process.CallException if the consumer is gone, or does not answer
   */
  public boolean cancel() {
    return consumer.cancel(tag);
  }

  @Override
  public String toString() {
    return "Subscription[" + consumer + "]";
  }
}
