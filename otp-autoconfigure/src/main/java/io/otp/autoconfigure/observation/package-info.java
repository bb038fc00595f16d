/**
 * Traces and logging contexts across processes: what goes with a message into its callback, and
 * what must not stay behind for the next process on the same thread.
 */
@NullMarked
package io.otp.autoconfigure.observation;

import org.jspecify.annotations.NullMarked;
