package io.otp.autoconfigure.load;

/** Paths that no regulator is asked about, whatever its patterns say. */
@FunctionalInterface
interface ExemptPaths {

  /**
   * Whether a request is let through.
   *
   * @param path the path within the application, as it was sent
   */
  boolean test(String path);
}
