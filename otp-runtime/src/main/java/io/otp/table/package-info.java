/**
 * Tables that many processes share: {@code ets}. A table belongs to a process and ends with it,
 * unless an heir takes it. Reads run on the thread of the caller and wait for nobody.
 */
@NullMarked
package io.otp.table;

import org.jspecify.annotations.NullMarked;
