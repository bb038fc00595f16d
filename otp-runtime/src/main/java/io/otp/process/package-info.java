/**
 * Processes, signals, names and timers: the layer of OTP that {@code erlang:spawn/1}, {@code
 * link/1} and {@code gen:call} live in.
 */
@NullMarked
package io.otp.process;

import org.jspecify.annotations.NullMarked;
