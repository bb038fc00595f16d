package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * An address of a process that the process itself can close: {@code alias/0,1}. A request that
 * carries one instead of a pid cannot be answered too late, or twice.
 *
 * {@snippet :
 * Alias me = self.monitor(server, Alias.Mode.REPLY_DEMONITOR);
 * self.send(server, new Question(me));          // answered with runtime.send(question.me(), answer)
 * Optional<Object> answer = self.receive(Duration.ofSeconds(5), message -> switch (message) {
 *   case Answer a -> Receive.take(a);
 *   case Down down when down.ref().equals(me) -> Receive.take(down);
 *   default -> Receive.skip();
 * });
 * self.demonitorFlush(me);                      // from here on no answer and no Down arrives
 * }
 *
 * <p>What is sent to a closed alias is dropped without notice, as for a process that has ended. A
 * bounded mailbox refuses nothing that comes through an alias: its owner asked for it.
 *
 * @see <a href="https://www.erlang.org/doc/system/ref_man_processes.html#process-aliases">Erlang
 *     reference manual, Process aliases</a>
 */
public sealed class Alias extends Ref permits MonitorRef {

  /** What closes an alias, besides {@link Self#unalias}. */
  public enum Mode {
    /** Nothing. */
    EXPLICIT_UNALIAS,
    /** The first message that is sent to it. Not for monitors. */
    REPLY,
    /** The end of its monitor, by {@code demonitor} or by the {@link Down}. For monitors only. */
    DEMONITOR,
    /**
     * As {@link #DEMONITOR}, and the first message that is sent to it, which also ends the monitor.
     * For monitors only.
     */
    REPLY_DEMONITOR;

    boolean endsWithMonitor() {
      return this == DEMONITOR || this == REPLY_DEMONITOR;
    }

    private boolean endsWithMessage() {
      return this == REPLY || this == REPLY_DEMONITOR;
    }
  }

  /** Whose address it is; also the process that monitors. */
  final Process owner;

  private final @Nullable Mode mode;

  /** Guarded by the owner's lock. */
  private boolean open;

  /**
   * @param mode {@code null} for a monitor that is no alias
   */
  Alias(Process owner, @Nullable Mode mode) {
    this.owner = owner;
    this.mode = mode;
    this.open = mode != null;
  }

  /** One that belongs to no monitor. */
  static Alias of(Process owner, Mode mode) {
    if (mode.endsWithMonitor()) {
      throw new IllegalArgumentException(
          "An alias that ends with a monitor, as "
              + mode
              + " asks for, is made by monitor(pid, mode)");
    }
    return new Alias(owner, mode);
  }

  /**
   * Delivered and closed under the owner's lock: when {@code unalias} has returned nothing arrives.
   */
  final boolean deliver(Object message, @Nullable Carried carried) {
    MonitorRef ended = null;
    synchronized (owner) {
      if (!open) {
        return false;
      }
      if (mode != null && mode.endsWithMessage()) {
        open = false;
        if (this instanceof MonitorRef monitor && monitor.active) {
          monitor.active = false;
          owner.removeMonitor(monitor);
          ended = monitor;
        }
      }
      owner.deliverAnyway(Process.node(message, carried));
    }
    if (ended != null) {
      Signals.dropMonitor(ended);
    }
    return true;
  }

  /** Under the owner's lock; returns whether it was open. */
  final boolean close() {
    boolean was = open;
    open = false;
    return was;
  }

  /** Its monitor has ended. Under the owner's lock. */
  final void monitorEnded() {
    if (mode != null && mode.endsWithMonitor()) {
      open = false;
    }
  }
}
