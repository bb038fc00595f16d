/**
 * State machines: {@code gen_statem}. A machine is code that maps a state and an event to a
 * transition; {@code Engine} decides, without threads, what comes of a transition, and a process
 * does it. Callers use {@link io.otp.server.ServerRef} as they do for servers.
 */
@NullMarked
package io.otp.statem;

import org.jspecify.annotations.NullMarked;
