/** Micrometer meters of the process runtime. */
@NullMarked
package io.otp.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
