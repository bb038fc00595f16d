/**
 * Tables that outlive the node: {@code dets}, and transactions over several tables: {@code mnesia}.
 * Objects are kept in files of H2's MVStore, written by a {@link io.otp.store.Codec} that names no
 * class. All input and output is done by threads of the stores, which the end of no process
 * interrupts.
 */
@NullMarked
package io.otp.store;

import org.jspecify.annotations.NullMarked;
