package io.otp.autoconfigure.actuate;

import org.jspecify.annotations.Nullable;

/** How long a list may be that an endpoint returns: 1 to 1,000, 100 by default. */
final class Limit {

  static final int DEFAULT = 100;
  static final int MAX = 1_000;

  private Limit() {}

  /** The limit that {@code text} asks for. */
  static int of(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return DEFAULT;
    }
    int limit;
    try {
      limit = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      limit = 0;
    }
    if (limit < 1 || limit > MAX) {
      throw new EndpointRefusal(
          EndpointRefusal.BAD_REQUEST,
          "limit=" + text + " is not allowed; it must be a number from 1 to " + MAX);
    }
    return limit;
  }
}
