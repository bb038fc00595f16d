package io.otp.benchmarks;

/** One contender's way of doing the workloads, timed by {@link Timing}. */
interface WorkloadRunner {

  /**
   * Builds the processes of a workload, has them do the operations, and ends them again.
   *
   * @param workload any but {@link Workload#IDLE}
   * @param operations how many calls, messages, hops, …
   * @return nanoseconds the operations took, without what came before and after
   */
  long run(Workload workload, int operations) throws Exception;

  /**
   * Starts so many servers, sends one message to each, and returns when all have handled it. They
   * stay.
   *
   * @return what has to stay reachable for the servers to stay alive
   */
  Object startIdleServers(int servers) throws Exception;
}
