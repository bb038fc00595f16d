package io.otp.process;

import org.jspecify.annotations.Nullable;

/** A monitor: who watches whom. {@code active} is guarded by the owner's lock. */
final class MonitorRef extends Alias {

  /** The process watched; the owner itself where there was none. */
  final Process target;

  /** What the {@link Down} names: the pid, or the name it was monitored by. */
  final Object object;

  boolean active = true;

  /**
   * @param mode what closes its alias, {@code null} if it has none
   */
  MonitorRef(Process owner, Process target, Object object, @Nullable Mode mode) {
    super(owner, mode);
    this.target = target;
    this.object = object;
  }
}
