package io.otp.store;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Processes whose ends are told, each once. */
final class WatchedProcesses {

  private final ProcessRuntime runtime;
  private final Consumer<Pid> ended;
  private final Set<Pid> pids = ConcurrentHashMap.newKeySet();

  /**
   * @param ended run in a hook of the process, before links and monitors are told
   */
  WatchedProcesses(ProcessRuntime runtime, Consumer<Pid> ended) {
    this.runtime = runtime;
    this.ended = ended;
  }

  /** Sees to it that the end of a process is told. */
  void watch(Pid pid) {
    if (pids.add(pid)) {
      runtime.atExit(
          pid,
          _ -> {
            pids.remove(pid);
            ended.accept(pid);
          });
    }
  }

  /** Whether its end will be told; asked after {@link #watch}, whether it has not been yet. */
  boolean isWatched(Pid pid) {
    return pids.contains(pid);
  }
}
