package io.otp.sample.chat;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What rooms and users may be called: it shows up in addresses, process names and logs. */
final class Names {

  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,63}");
  private static final String RULE =
      " is 1 to 64 letters, digits, dots, dashes and underscores and begins with a letter or"
          + " digit.";

  private Names() {}

  /** What is wrong with the name of a room, if anything. */
  static Optional<Problem> checkRoom(@Nullable String room) {
    return isName(room)
        ? Optional.empty()
        : Optional.of(new Problem("bad-room", "The name of a room" + RULE));
  }

  /** What is wrong with the name of a user, if anything. */
  static Optional<Problem> checkUser(@Nullable String user) {
    return isName(user)
        ? Optional.empty()
        : Optional.of(new Problem("bad-user", "The name of a user" + RULE));
  }

  private static boolean isName(@Nullable String text) {
    return text != null && NAME.matcher(text).matches();
  }
}
