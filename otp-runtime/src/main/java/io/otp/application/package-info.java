/**
 * Applications, OTP's {@code application}: a supervision tree with a name, dependencies, an
 * environment and a start type that says what its end means to the node. {@link
 * io.otp.application.ApplicationSpec} describes one, {@link io.otp.application.Application} is its
 * code, and the {@link io.otp.application.ApplicationController} of a runtime loads, starts and
 * stops them. A process belongs to the application of the process that started it.
 */
@NullMarked
package io.otp.application;

import org.jspecify.annotations.NullMarked;
