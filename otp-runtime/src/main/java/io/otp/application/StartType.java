package io.otp.application;

/**
 * Why an application is started on this node.
 *
 * @see <a
 *     href="https://www.erlang.org/doc/apps/kernel/application.html#t:start_type/0">start_type()</a>
 */
public sealed interface StartType {

  /** Somebody started it. As long as a node knows of no other, this is the only one. */
  record Normal() implements StartType {
    @Override
    public String toString() {
      return "normal";
    }
  }
}
