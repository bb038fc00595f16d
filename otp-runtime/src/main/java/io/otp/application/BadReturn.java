package io.otp.application;

import io.otp.process.ExitReason;

/**
 * Why an application did not start whose {@link Application#start} returned what it may not return:
 * <code>{bad_return, Value}</code>, the term of an {@link ExitReason.Other}.
 *
 * @param returned what it returned, as text
 */
public record BadReturn(String returned) {

  static ExitReason reason(String returned) {
    return new ExitReason.Other(new BadReturn(returned));
  }

  @Override
  public String toString() {
    return "{bad_return," + returned + "}";
  }
}
