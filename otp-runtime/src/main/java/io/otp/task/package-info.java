/**
 * Processes for one computation: Elixir's {@code Task} and {@code Task.Supervisor}. Whoever starts
 * a task gets its result as a message and may wait for it. {@link io.otp.task.Multicall} is the
 * same for a list: one process for each request, results in the order of the list.
 */
@NullMarked
package io.otp.task;

import org.jspecify.annotations.NullMarked;
