package io.otp.supervisor;

/** A child was not started. */
public final class ChildStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient StartChildResult result;

  ChildStartException(String name, StartChildResult result) {
    super(
        "Child '"
            + name
            + "' was not started: "
            + switch (result) {
              case StartChildResult.Failed(var reason) -> "its init failed with " + reason + ".";
              case StartChildResult.Ignored _ -> "its init decided that it is not needed.";
              case StartChildResult.Refused(var error) when error == ChildError.MAX_CHILDREN ->
                  "its supervisor has as many children as it may have. End some, or raise"
                      + " max-children.";
              default -> result + ".";
            });
    this.result = result;
  }

  /** What the supervisor answered. */
  public StartChildResult result() {
    return result;
  }
}
