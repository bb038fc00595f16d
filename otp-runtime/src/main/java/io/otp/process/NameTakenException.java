package io.otp.process;

import org.jspecify.annotations.Nullable;

/** A name could not be registered: Erlang's {@code badarg} of {@code register/2}. */
public final class NameTakenException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final String name;
  private final transient @Nullable Pid holder;

  NameTakenException(String name, @Nullable Pid holder, String message) {
    super(message);
    this.name = name;
    this.holder = holder;
  }

  /** The name that was asked for. */
  public String name() {
    return name;
  }

  /**
   * The process that has the name, {@code null} if it was refused for another reason. It may have
   * ended by now.
   */
  public @Nullable Pid holder() {
    return holder;
  }
}
