package io.otp.server;

import io.otp.process.ExitReason;
import io.otp.process.Request;
import org.jspecify.annotations.Nullable;

/**
 * Why a server ended whose callback returned what it may not return: <code>
 * {bad_return_value, Value}</code>, the term of an {@link ExitReason.Other}. The types leave little
 * that can go wrong: {@code null}, a reply where there is no call, and a reply to another call than
 * the one that is being handled.
 *
 * @param returned what the callback returned, as text
 * @param callback who returned it: class and method
 * @param problem what is wrong with it
 */
public record BadReturnValue(String returned, String callback, String problem) {

  static ExitReason reason(
      ServerCode code, String callback, @Nullable Next<?> returned, @Nullable Request request) {
    String problem =
        returned == null
            ? "it is no Next; return noreply, reply or stop"
            : request == null
                ? "there is no call to reply to; return noreply or stop, or answer an earlier call"
                    + " through the From that self.from gave"
                : "it replies to "
                    + returned.request()
                    + ", not to the call that is being handled, "
                    + request.message();
    return new ExitReason.Other(
        new BadReturnValue(String.valueOf(returned), code + "." + callback, problem));
  }

  @Override
  public String toString() {
    return "{bad_return_value," + returned + "} from " + callback + ": " + problem;
  }
}
