package io.otp.process;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A behaviour ended with a reason that is neither {@code normal} nor {@code shutdown}: the report
 * of {@code proc_lib}.
 *
 * @param pid the process
 * @param initialCall its callback module
 * @param registeredName its name, {@code null} if it has none
 * @param reason why it ended
 * @param ancestors who started it, nearest first
 * @param messageQueueLength how many messages waited
 * @param links whom it was linked to, at most 1,000
 * @param dictionary its process dictionary
 * @param trapsExits whether it trapped exits
 * @param handled how many messages it had handled; Erlang's reductions have no equivalent here
 * @param neighbours processes that do not trap exits and so end with it, being linked to it or to
 *     another of them, nearest first, at most 15
 */
public record CrashReport(
    Pid pid,
    String initialCall,
    @Nullable String registeredName,
    ExitReason reason,
    List<Pid> ancestors,
    int messageQueueLength,
    List<Pid> links,
    Map<Object, Object> dictionary,
    boolean trapsExits,
    long handled,
    List<Pid> neighbours)
    implements Report {

  private static final int MAX_NEIGHBOURS = 15;
  private static final int MAX_LINKS = 1_000;

  /** Describes the process of {@code self}; call it on that process's thread. */
  public static CrashReport of(Self<?> self, ExitReason reason) {
    Process process = (Process) self.pid();
    List<Pid> links = process.linkedPids(MAX_LINKS);
    return new CrashReport(
        process,
        process.behaviour == null ? "raw" : process.behaviour.module().name(),
        process.name(),
        reason,
        process.origin().ancestors(),
        process.mailboxSize(),
        links,
        process.dictionary(),
        process.trapsExits(),
        process.handled,
        neighbours(process, links));
  }

  private static List<Pid> neighbours(Process process, List<Pid> links) {
    var found = new LinkedHashSet<Pid>();
    var linked = new ArrayDeque<List<Pid>>();
    for (List<Pid> next = links; next != null; next = linked.poll()) {
      for (Pid pid : next) {
        if (found.size() == MAX_NEIGHBOURS) {
          return List.copyOf(found);
        }
        Process neighbour = (Process) pid;
        if (neighbour != process && !neighbour.trapsExits() && found.add(neighbour)) {
          linked.add(neighbour.linkedPids(MAX_LINKS));
        }
      }
    }
    return List.copyOf(found);
  }

  @Override
  public Level level() {
    return Level.ERROR;
  }

  @Override
  public String label() {
    return "proc_lib,crash";
  }

  @Override
  public String toString() {
    return "Process "
        + (registeredName == null ? "" : "'" + registeredName + "' ")
        + pid
        + " ("
        + initialCall
        + ") crashed: "
        + reason
        + "; mailbox "
        + messageQueueLength
        + ", handled "
        + handled
        + ", ancestors "
        + ancestors
        + ", links "
        + links;
  }
}
