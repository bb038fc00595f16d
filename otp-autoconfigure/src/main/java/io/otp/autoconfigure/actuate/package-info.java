/** Actuator: endpoints that show the node, its processes and its trees, and its health. */
@NullMarked
package io.otp.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
