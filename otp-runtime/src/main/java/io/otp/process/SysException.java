package io.otp.process;

/** A behaviour did not obey a system message. */
public final class SysException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  SysException(Pid pid, String why) {
    super("Process " + pid + " refused a system message: " + why);
  }
}
