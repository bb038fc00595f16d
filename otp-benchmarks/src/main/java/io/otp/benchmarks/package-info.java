/**
 * The benchmark suite: {@link io.otp.benchmarks.Driver} runs every {@link
 * io.otp.benchmarks.Workload} on every {@link io.otp.benchmarks.Contender}, each in a process of
 * its own.
 */
@NullMarked
package io.otp.benchmarks;

import org.jspecify.annotations.NullMarked;
