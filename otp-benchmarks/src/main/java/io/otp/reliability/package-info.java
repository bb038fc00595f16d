/**
 * Load and fault programs: each does one thing very often, checks what must hold, and exits with 1
 * where it does not. docs/reliability.md has what they measured.
 */
@NullMarked
package io.otp.reliability;

import org.jspecify.annotations.NullMarked;
