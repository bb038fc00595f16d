package io.otp.load;

import io.otp.process.Ref;

/**
 * A place that was given to somebody; see {@link Regulator#done}.
 *
 * @param ref which one
 */
public record Ticket(Ref ref) {}
