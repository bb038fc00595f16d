/**
 * Finding processes by any key. {@link io.otp.registry.Registry} is Elixir's {@code Registry}.
 * Whoever ends is gone from it before anybody is told of its death.
 */
@NullMarked
package io.otp.registry;

import org.jspecify.annotations.NullMarked;
