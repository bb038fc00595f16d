package io.otp.supervisor;

/**
 * What {@code count_children} answers.
 *
 * @param specs child specs, running or not; 1 for a template
 * @param active children with a process. Unlike OTP, one whose end the supervisor has not yet been
 *     told is still counted
 * @param supervisors children that are supervisors, running or not
 * @param workers children that are workers, running or not
 */
public record ChildCounts(int specs, int active, int supervisors, int workers) {}
