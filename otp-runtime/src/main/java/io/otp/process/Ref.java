package io.otp.process;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A value that is equal to no other: names a monitor, a timer or whatever an application wants to
 * recognise again.
 *
 * @see <a href="https://www.erlang.org/doc/apps/erts/erlang.html#make_ref/0">erlang:make_ref/0</a>
 */
public class Ref implements Comparable<Ref> {

  private static final AtomicLong IDS = new AtomicLong();

  private final long id = IDS.incrementAndGet();

  Ref() {}

  /** Creates a new reference. */
  public static Ref create() {
    return new Ref();
  }

  /** Orders references by creation. */
  @Override
  public final int compareTo(Ref other) {
    return Long.compare(id, other.id);
  }

  @Override
  public final boolean equals(Object other) {
    return this == other;
  }

  @Override
  public final int hashCode() {
    return Long.hashCode(id);
  }

  @Override
  public final String toString() {
    return "#Ref<0." + id + ">";
  }
}
