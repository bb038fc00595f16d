package io.otp.supervisor;

import java.util.Locale;

/**
 * Which children are restarted when one of them ends.
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/supervisor.html#t:strategy/0">
 *     supervisor:strategy()</a>
 */
public enum Strategy {
  /** Only the child that ended. */
  ONE_FOR_ONE,
  /** All: the others are stopped in reverse start order, then all are started in start order. */
  ONE_FOR_ALL,
  /** The child that ended and those started after it. */
  REST_FOR_ONE,
  /**
   * Only the child that ended; all children are made from one template, any number of them, without
   * an order.
   */
  SIMPLE_ONE_FOR_ONE;

  /** As it is written in configuration: {@code one-for-one} and so on. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
