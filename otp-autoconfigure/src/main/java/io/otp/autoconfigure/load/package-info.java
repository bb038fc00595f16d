/**
 * The regulators of {@code otp.regulators}: their processes, their meters, and the filters that
 * have web requests ask them. What they refuse is answered with 429 or 503 and {@code Retry-After}.
 */
@NullMarked
package io.otp.autoconfigure.load;

import org.jspecify.annotations.NullMarked;
