/**
 * Tracing: what chosen processes send, receive, call and live through, told while it happens, for a
 * limited count, rate and time. Erlang's {@code erlang:trace/3} with the safety of {@code recon}.
 * {@link io.otp.trace.Trace} describes a session and starts it.
 */
@org.jspecify.annotations.NullMarked
package io.otp.trace;
