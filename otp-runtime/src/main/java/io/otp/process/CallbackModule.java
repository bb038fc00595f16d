package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * The code of a behaviour as the runtime knows it: Erlang's callback module. One instance is shared
 * by all processes that run it.
 */
public final class CallbackModule {

  /** How often it must be seen blocked before it gets a thread for each activation. */
  static final int TIMES_TO_LEARN = 3;

  private final String name;
  private final String behaviour;
  private final @Nullable MailboxBound bound;
  private final boolean threadLocals;

  /**
   * Seen blocking in something that is not ours: from then on each activation gets a virtual thread
   * of its own.
   */
  private volatile boolean blocks;

  /** Written by watchdogs; one that is lost is made up for by the next. */
  private int seenBlocked;

  /** The counters that were last asked for; a cache that any thread may fill. */
  @Nullable BehaviourCounters counters;

  /**
   * When a callback of it was last reported as slow, so that one is named once in a while and not
   * each time.
   */
  volatile long slowReportedAt = Long.MIN_VALUE;

  /** What processes with a thread of their own run. */
  static final CallbackModule RAW = of("raw", "raw");

  private CallbackModule(
      String name, String behaviour, @Nullable MailboxBound bound, boolean threadLocals) {
    this.name = name;
    this.behaviour = behaviour;
    this.bound = bound;
    this.threadLocals = threadLocals;
  }

  /**
   * Describes a callback module.
   *
   * @param name what tools show, usually the class's simple name
   * @param behaviour the OTP behaviour it implements: {@code gen_server}, {@code supervisor}, …
   */
  public static CallbackModule of(String name, String behaviour) {
    return new CallbackModule(name, behaviour, null, false);
  }

  /** What tools usually show: the class's name without its package. */
  public static String nameOf(Class<?> code) {
    String name = code.getName();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** With a bound for the mailboxes of its processes; {@code null} for none, the default. */
  public CallbackModule withMailbox(@Nullable MailboxBound bound) {
    return new CallbackModule(name, behaviour, bound, threadLocals);
  }

  /**
   * Whether each activation gets a thread of its own, so that thread locals are never shared;
   * default is {@code false}.
   */
  public CallbackModule withThreadLocals(boolean threadLocals) {
    return new CallbackModule(name, behaviour, bound, threadLocals);
  }

  /** What tools show. */
  public String name() {
    return name;
  }

  /** The OTP behaviour. */
  public String behaviour() {
    return behaviour;
  }

  /** The bound of its processes' mailboxes, {@code null} for none. */
  public @Nullable MailboxBound mailbox() {
    return bound;
  }

  /** Whether it was seen blocking a thread in code that is not the runtime's. */
  public boolean isBlocking() {
    return blocks;
  }

  /**
   * It was seen blocked. Once or twice says nothing: while a class is loaded for the first time,
   * who needs it is blocked too.
   */
  void learnBlocking() {
    blocks = ++seenBlocked >= TIMES_TO_LEARN;
  }

  boolean needsOwnThread() {
    return blocks | threadLocals;
  }

  @Override
  public String toString() {
    return name;
  }
}
