package io.otp.process;

/** There are as many processes as allowed: Erlang's {@code system_limit}. */
public final class RuntimeLimitException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RuntimeLimitException(int limit) {
    super(
        "No process was started: the limit of "
            + limit
            + " processes is reached (system_limit). End some, or raise the limit with"
            + " ProcessRuntime.Builder.maxProcesses (property otp.max-processes).");
  }
}
