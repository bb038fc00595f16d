/**
 * A soak run: random processes that do everything to each other, and books that have to balance in
 * the end.
 */
@NullMarked
package io.otp.soak;

import org.jspecify.annotations.NullMarked;
