/**
 * Finding processes: by any key, alone or with others. {@link io.otp.registry.Registry} is Elixir's
 * {@code Registry}, {@link io.otp.registry.ProcessGroups} is OTP's {@code pg}. Whoever ends is gone
 * from both before anybody is told of its death.
 */
@NullMarked
package io.otp.registry;

import org.jspecify.annotations.NullMarked;
