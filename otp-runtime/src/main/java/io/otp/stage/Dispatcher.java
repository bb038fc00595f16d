package io.otp.stage;

import java.util.function.ToIntFunction;

/** Which of its consumers gets an event of a producer. */
public sealed interface Dispatcher {

  /** The one that asked for most. */
  record Demand() implements Dispatcher {}

  /** Each; so the producer is asked for as much as the one that asked for least. */
  record Broadcast() implements Dispatcher {}

  /**
   * The one that subscribed to its part. Events of a part whose consumer does not ask wait in the
   * producer's buffer; those of other parts pass them, but the producer is asked for so many fewer,
   * so a part that nobody takes slows the others down, as in GenStage.
   *
   * @param partitions how many parts there are, 1 or more
   * @param hash the part of an event is this, modulo {@code partitions}
   */
  record Partition(int partitions, ToIntFunction<Object> hash) implements Dispatcher {
    /** Checks the number. */
    public Partition {
      if (partitions < 1) {
        throw new IllegalArgumentException(
            partitions + " partitions are not possible: there must be 1 or more");
      }
    }
  }

  /** The one that asked for most: the default. */
  static Dispatcher demand() {
    return new Demand();
  }

  /** Each. */
  static Dispatcher broadcast() {
    return new Broadcast();
  }

  /** The one that subscribed to its part, which is that of its {@code hashCode}. */
  static Dispatcher partition(int partitions) {
    return new Partition(partitions, Object::hashCode);
  }

  /** The one that subscribed to its part. */
  static Dispatcher partition(int partitions, ToIntFunction<Object> hash) {
    return new Partition(partitions, hash);
  }
}
