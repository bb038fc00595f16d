package io.otp.task;

/**
 * What a task does with its input.
 *
 * @param <A> the input
 * @param <T> the result
 */
@FunctionalInterface
public interface TaskFunction<A, T> {

  /**
   * Computes the result, immutable and not {@code null}.
   *
   * @throws Exception ends the task with that as its reason
   */
  T apply(A input) throws Exception;
}
