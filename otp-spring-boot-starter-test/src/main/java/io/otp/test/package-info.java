/** Testing processes: a runtime per test, probes, a clock that is moved by hand. */
@NullMarked
package io.otp.test;

import org.jspecify.annotations.NullMarked;
