package io.otp.process;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a process: {@code process_info/1}. What a JVM cannot know (heap size,
 * garbage collections, stack size) is not here rather than made up.
 *
 * @param summary what a list shows
 * @param links whom it is linked to
 * @param monitors whom it monitors: pids or names
 * @param monitoredBy who monitors it
 * @param ancestors who started it, nearest first, at most 16
 * @param trapsExits whether exit signals arrive as messages
 * @param mailboxBound the bound of its mailbox, {@code null} for none
 * @param refusedMessages messages that the bound refused or dropped
 * @param stack where its code is, innermost first, if it is running; at most 32 frames
 */
@Immutable
public record ProcessInfo(
    ProcessSummary summary,
    List<Pid> links,
    List<Object> monitors,
    List<Pid> monitoredBy,
    List<Pid> ancestors,
    boolean trapsExits,
    @Nullable MailboxBound mailboxBound,
    long refusedMessages,
    List<String> stack) {

  /** Copies the lists. */
  public ProcessInfo {
    links = List.copyOf(links);
    monitors = List.copyOf(monitors);
    monitoredBy = List.copyOf(monitoredBy);
    ancestors = List.copyOf(ancestors);
    stack = List.copyOf(stack);
  }
}
