package io.otp.soak;

import io.otp.process.Call;
import io.otp.process.Cast;

/** What the processes of a soak run send each other. */
final class Messages {

  private Messages() {}

  /** Goes on acting. */
  enum Tick {
    TICK
  }

  /** Ends, after everything that was sent before. */
  enum Finish {
    FINISH
  }

  /**
   * A numbered message.
   *
   * @param from the number of the sender's book
   * @param number 1 for the first to this receiver
   */
  record Note(int from, long number) {}

  /** A numbered message as a cast. */
  record CastNote(int from, long number) implements Cast<Object> {}

  /** What an exit signal carries that is sent and comes from no link. */
  record Poke(int from, int to, long number) {}

  /** What a timer sends. */
  record Alarm(long number) {}

  /** How a server answers. */
  enum Answer {
    NOW,
    LATER,
    BY_ANOTHER_THREAD,
    SLOWLY,
    NEVER,
    STOP,
    CRASH
  }

  /**
   * A call; the reply is its number.
   *
   * @param number unique in a run
   */
  record Ask(long number, Answer answer) implements Call<Object, Long> {}
}
