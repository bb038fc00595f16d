package io.otp.process;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who is told what chosen processes do: what {@code io.otp.trace} is made on, which sets
 * limits. Attached with {@link ProcessRuntime#attach}.
 *
 * <p>Every method is called on the thread of whoever does what is told, some of them under the lock
 * of a process: it must be short, must not block, must not throw, and must not use the runtime.
 */
public interface Tracer {

  /** What one may be told of: the flags of {@code erlang:trace/3}. */
  enum Flag {
    /** Messages the process sends: sends, casts, calls, replies. */
    SEND,
    /** Messages the process takes from its mailbox, and replies to its calls. */
    RECEIVE,
    /** Callbacks of its behaviour, and what they return or throw. */
    CALL,
    /** Its life: spawn, exit, link, unlink, register, unregister. */
    PROCS
  }

  /** What happened: the trace messages of {@code erlang:trace/3}. */
  enum Kind {
    /** It sends a message. */
    SEND(Flag.SEND),
    /** It sends a message to a process that has ended. */
    SEND_TO_NON_EXISTING_PROCESS(Flag.SEND),
    /** It takes a message from its mailbox. */
    RECEIVE(Flag.RECEIVE),
    /** A callback begins. */
    CALL(Flag.CALL),
    /** A callback returned. */
    RETURN_FROM(Flag.CALL),
    /** A callback threw. */
    EXCEPTION_FROM(Flag.CALL),
    /** It starts a process. */
    SPAWN(Flag.PROCS),
    /** It was started. */
    SPAWNED(Flag.PROCS),
    /** It ends. */
    EXIT(Flag.PROCS),
    /** It links itself to another. */
    LINK(Flag.PROCS),
    /** It ends a link. */
    UNLINK(Flag.PROCS),
    /** Another linked itself to it. */
    GETTING_LINKED(Flag.PROCS),
    /** Another ended a link with it, by {@code unlink} or by its death. */
    GETTING_UNLINKED(Flag.PROCS),
    /** It gets a name. */
    REGISTER(Flag.PROCS),
    /** It loses its name. */
    UNREGISTER(Flag.PROCS);

    private final Flag flag;

    Kind(Flag flag) {
      this.flag = flag;
    }

    /** What one asks for to be told of this. */
    public Flag flag() {
      return flag;
    }
  }

  /** What it wants to be told of; always the same. */
  Set<Flag> flags();

  /**
   * Whether it wants to be told of a process. Asked once for each that lives when this is attached,
   * for each that is started later, and when a process gets a name.
   *
   * @param isNew whether the process was just started
   */
  boolean chooses(ProcessView process, boolean isNew);

  /**
   * A chosen process did something. What one process does is told in its order; two threads may
   * tell of two processes at the same time.
   *
   * @param tracee the process
   * @param name its name or label, {@code null} if it has none
   * @param kind what happened
   * @param subject whom or what it has to do with: the receiver, the caller, the other process, the
   *     callback, the name; {@code null} if there is nothing to say
   * @param content the message, reply, argument, result or reason, {@code null} if there is none
   */
  void event(
      Pid tracee,
      @Nullable String name,
      Kind kind,
      @Nullable Object subject,
      @Nullable Object content);
}
