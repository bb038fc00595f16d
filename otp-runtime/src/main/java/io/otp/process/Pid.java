package io.otp.process;

/**
 * The address of a process. Immutable, cheap to send, never used again for another process; it
 * stays valid, and addresses nobody, after its process has ended.
 *
 * <p>Its text form is <code>&lt;0.index.serial&gt;</code>, as in Erlang; {@link
 * ProcessRuntime#findPid(String)} reads it back.
 *
 * @see <a href="https://www.erlang.org/doc/system/data_types.html#pid">Erlang reference manual,
 *     Pid</a>
 */
// The pid of a local process *is* the process object (Process): an address costs nothing and a send
// needs no look-up. A dead
// process drops everything it held, so that a pid somebody keeps retains only the empty shell.
public abstract class Pid implements Comparable<Pid> {

  /**
   * Index in the process table in the low half, how often that index was used before in the high
   * half.
   */
  final long id;

  Pid(long id) {
    this.id = id;
  }

  final int index() {
    return (int) id;
  }

  final int serial() {
    return (int) (id >>> 32);
  }

  /** Orders the pids of one runtime by age of their table entry; the order has no other meaning. */
  @Override
  public final int compareTo(Pid other) {
    return Long.compareUnsigned(id, other.id);
  }

  @Override
  public final boolean equals(Object other) {
    return this == other;
  }

  @Override
  public final int hashCode() {
    return Long.hashCode(id * 0x9E3779B97F4A7C15L);
  }

  @Override
  public final String toString() {
    return "<0." + index() + "." + serial() + ">";
  }
}
