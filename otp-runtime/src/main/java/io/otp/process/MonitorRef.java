package io.otp.process;

/** A monitor: who watches whom. {@code active} is guarded by the watcher's lock. */
final class MonitorRef extends Ref {

  final Process watcher;

  /** The process watched; the watcher itself where there was none. */
  final Process target;

  /** What the {@link Down} names: the pid, or the name it was monitored by. */
  final Object object;

  boolean active = true;

  MonitorRef(Process watcher, Process target, Object object) {
    this.watcher = watcher;
    this.target = target;
    this.object = object;
  }
}
