package io.otp.registry;

import io.otp.process.Alias;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Named groups of processes: a scope of OTP's {@code pg}. A process may be in any number of groups,
 * and in one several times: it is listed as often as it has joined, and each leave takes back one
 * join.
 *
 * {@snippet :
 * ProcessGroups<String> groups = new ProcessGroups<>(runtime, "chat");
 * groups.join("room 17", self.pid());
 * for (Pid member : groups.members("room 17")) {
 *   self.send(member, new Said("hello"));
 * }
 *
 * ProcessGroups.GroupMonitor room = groups.monitor(self, "room 17");
 * String news = self.receive(message -> switch (message) {
 *   case ProcessGroups.Joined(var ref, var group, var pids) when ref == room.ref() ->
 *       Receive.take(pids + " came to " + group);
 *   case ProcessGroups.Left(var ref, var group, var pids) when ref == room.ref() ->
 *       Receive.take(pids + " left " + group);
 *   default -> Receive.skip();
 * });
 * }
 *
 * <p>Scopes know nothing of each other. A process that ends has left all its groups before any exit
 * signal or {@link io.otp.process.Down} tells of it, and is not listed from the moment it is ended;
 * in OTP it may still be there for a while. Reads run on the thread of the caller, any thread, and
 * wait for nothing. Unlike in OTP a scope is no process: it lasts as long as somebody holds it.
 *
 * @param <G> what groups are called, immutable, with {@code equals} and {@code hashCode}
 * @see <a href="https://www.erlang.org/doc/apps/kernel/pg.html">pg</a>
 */
// Threads: any. Everything that changes is done under `lock`, which is held for the length of the
// change and never while something is sent; only `groups` and its rows are read without it.
//
//   G1 A process is in the rows of a group as often as `joined` of its Member says.
//   G2 A Member is there from the first join of its process to the exit hook of that, which takes
//      it and all its joins away; a process that has ended gets its hook, and so that, at once.
//   G3 Notices are put down under the lock: what a monitor is told begins where the list that it
//      was given ends.
public final class ProcessGroups<G> {

  /**
   * Processes have joined a group: <code>{Ref, join, Group, Pids}</code>.
   *
   * @param ref the monitor
   * @param group the group
   * @param pids who, each as often as it joined
   */
  public record Joined(Ref ref, Object group, List<Pid> pids) {

    /** Copies the list. */
    public Joined {
      pids = List.copyOf(pids);
    }
  }

  /**
   * Processes have left a group or ended: <code>{Ref, leave, Group, Pids}</code>.
   *
   * @param ref the monitor
   * @param group the group
   * @param pids who, each as often as it left
   */
  public record Left(Ref ref, Object group, List<Pid> pids) {

    /** Copies the list. */
    public Left {
      pids = List.copyOf(pids);
    }
  }

  /**
   * What {@link #monitor} returns.
   *
   * @param ref the monitor
   * @param members who is in the group; what follows is told
   */
  public record GroupMonitor(Ref ref, List<Pid> members) {

    /** Copies the list. */
    public GroupMonitor {
      members = List.copyOf(members);
    }
  }

  /**
   * What {@link #monitorScope} returns.
   *
   * @param ref the monitor
   * @param groups who is in which group; what follows is told
   */
  public record ScopeMonitor<G>(Ref ref, Map<G, List<Pid>> groups) {

    /** Copies the map. */
    public ScopeMonitor {
      groups = Map.copyOf(groups);
    }
  }

  /** A process that has joined. */
  private static final class Member<G> {
    final Map<G, Deque<Long>> joined = new LinkedHashMap<>();
  }

  /**
   * @param group {@code null} for all
   */
  private record Watcher<G>(Alias to, @Nullable G group) {}

  private final ProcessRuntime runtime;
  private final String scope;
  private final Notices notices;
  private final Map<G, ConcurrentSkipListMap<Long, Pid>> groups = new ConcurrentHashMap<>();

  private final Object lock = new Object();
  private final Map<Pid, Member<G>> members = new HashMap<>();
  private final Map<Ref, Watcher<G>> watchers = new HashMap<>();

  /** Whom to tell of a group: a join must not ask all watchers of a scope with many groups. */
  private final Map<G, Set<Alias>> ofGroup = new HashMap<>();

  /** Whom to tell of every group. */
  private final Set<Alias> ofAll = new LinkedHashSet<>();

  /** Processes that have an exit hook for their monitors, so that each has one. */
  private final Map<Pid, List<Ref>> watching = new HashMap<>();

  private long joins;

  /**
   * A scope without groups.
   *
   * @param scope what errors call it
   */
  public ProcessGroups(ProcessRuntime runtime, String scope) {
    this.runtime = runtime;
    this.scope = scope;
    this.notices = new Notices(runtime);
  }

  // --- joining and leaving

  /**
   * Adds a process, any process of this runtime, to a group; once more if it is in there. One that
   * has ended comes and goes at once.
   *
   * @throws IllegalArgumentException if the process is one of another runtime: OTP's {@code
   *     nolocal}
   * @throws io.otp.process.MutableMessageException if the group's name cannot be shown immutable
   */
  public void join(G group, Pid pid) {
    join(group, List.of(pid));
  }

  /** Adds several processes at once; monitors are told in one message. */
  public void join(G group, Collection<Pid> pids) {
    List<Pid> all = List.copyOf(pids);
    all.forEach(this::checkLocal);
    runtime.checkMessage(group);
    var hooks = new ArrayList<Pid>();
    synchronized (lock) {
      for (Pid pid : all) {
        Member<G> member = members.get(pid);
        if (member == null) {
          member = new Member<>();
          members.put(pid, member);
          hooks.add(pid);
        }
        member.joined.computeIfAbsent(group, g -> new ArrayDeque<>(1)).add(joins);
        groups.computeIfAbsent(group, g -> new ConcurrentSkipListMap<>()).put(joins++, pid);
      }
      if (!all.isEmpty()) {
        tell(group, ref -> new Joined(ref, group, all));
      }
    }
    hooks.forEach(pid -> runtime.atExit(pid, reason -> end(pid))); // G2
    notices.deliver();
  }

  /**
   * Takes back one join of a process.
   *
   * @return {@code false} if it was not in the group: OTP's {@code not_joined}
   * @throws IllegalArgumentException if the process is one of another runtime
   */
  public boolean leave(G group, Pid pid) {
    return leave(group, List.of(pid));
  }

  /**
   * Takes back one join of each of several processes; monitors are told in one message of those who
   * were in the group.
   *
   * @return {@code false} if none of them was in the group
   */
  public boolean leave(G group, Collection<Pid> pids) {
    pids.forEach(this::checkLocal);
    var left = new ArrayList<Pid>();
    synchronized (lock) {
      for (Pid pid : pids) {
        Member<G> member = members.get(pid);
        Deque<Long> joined = member == null ? null : member.joined.get(group);
        if (member != null && joined != null) {
          remove(group, joined.removeLast());
          if (joined.isEmpty()) {
            member.joined.remove(group);
          }
          left.add(pid);
        }
      }
      if (!left.isEmpty()) {
        tell(group, ref -> new Left(ref, group, left));
      }
    }
    notices.deliver();
    return !left.isEmpty();
  }

  private void remove(G group, long join) {
    Map<Long, Pid> row = groups.get(group);
    if (row != null) {
      row.remove(join);
      if (row.isEmpty()) {
        groups.remove(group);
      }
    }
  }

  /** The exit hook of a process: as in OTP, monitors get a message for each join. */
  private void end(Pid pid) {
    synchronized (lock) {
      Member<G> member = members.remove(pid);
      if (member != null) {
        member.joined.forEach(
            (group, joined) -> {
              for (long join : joined) {
                remove(group, join);
                tell(group, ref -> new Left(ref, group, List.of(pid)));
              }
            });
      }
    }
    notices.deliver();
  }

  // --- looking

  /** Who is in a group, each as often as it joined, who came first first. */
  public List<Pid> members(G group) {
    Map<Long, Pid> row = groups.get(group);
    return row == null ? List.of() : row.values().stream().filter(runtime::isAlive).toList();
  }

  /** As {@link #members}, those of this node: at present all are. */
  public List<Pid> localMembers(G group) {
    return members(group);
  }

  /** The groups that somebody is in. */
  public Set<G> groups() {
    return Set.copyOf(groups.keySet());
  }

  /** As {@link #groups}, those with members of this node: at present all. */
  public Set<G> localGroups() {
    return groups();
  }

  /** What errors call it. */
  public String scope() {
    return scope;
  }

  // --- monitors

  /**
   * The calling process gets a {@link Joined} or {@link Left} whenever somebody joins the group or
   * leaves it; the group need not exist. A bound of its mailbox does not keep them away.
   *
   * @return the monitor, and the members at the moment from which on changes are told
   */
  public GroupMonitor monitor(Self<?> self, G group) {
    runtime.checkMessage(group);
    Alias alias = self.alias();
    synchronized (lock) {
      watch(self, new Watcher<>(alias, group));
      return new GroupMonitor(alias, listed(groups.get(group)));
    }
  }

  /**
   * As {@link #monitor}, for all groups.
   *
   * @return the monitor, and all groups with their members
   */
  public ScopeMonitor<G> monitorScope(Self<?> self) {
    Alias alias = self.alias();
    synchronized (lock) {
      watch(self, new Watcher<>(alias, null));
      var all = new HashMap<G, List<Pid>>();
      groups.forEach((group, row) -> all.put(group, listed(row)));
      return new ScopeMonitor<>(alias, all);
    }
  }

  /** With those whose end is still to be told, or a monitor would be told of one it never saw. */
  private static List<Pid> listed(@Nullable Map<Long, Pid> row) {
    return row == null ? List.of() : List.copyOf(row.values());
  }

  /**
   * Ends a monitor and takes its messages out of the mailbox.
   *
   * @return {@code false} if it is not a monitor of the calling process in this scope
   */
  public boolean demonitor(Self<?> self, Ref ref) {
    synchronized (lock) {
      List<Ref> mine = watching.get(self.pid());
      if (mine == null || !mine.remove(ref)) {
        return false;
      }
      unwatch(ref);
    }
    self.unalias((Alias) ref);
    Function<Object, Receive<Object>> itsMessages =
        message ->
            message instanceof Joined joined && joined.ref() == ref
                    || message instanceof Left left && left.ref() == ref
                ? Receive.take(message)
                : Receive.skip();
    while (self.receive(Duration.ZERO, itsMessages).isPresent()) {
      // taken
    }
    return true;
  }

  /** Under the lock. The hook comes at once, and reenters the lock, where the process has ended. */
  private void watch(Self<?> self, Watcher<G> watcher) {
    Pid pid = self.pid();
    checkLocal(pid);
    watchers.put(watcher.to(), watcher);
    if (watcher.group() == null) {
      ofAll.add(watcher.to());
    } else {
      ofGroup.computeIfAbsent(watcher.group(), g -> new LinkedHashSet<>(2)).add(watcher.to());
    }
    List<Ref> mine = watching.get(pid);
    if (mine == null) {
      watching.put(pid, mine = new ArrayList<>(1));
      mine.add(watcher.to());
      runtime.atExit(pid, reason -> forget(pid));
    } else {
      mine.add(watcher.to());
    }
  }

  private void forget(Pid pid) {
    synchronized (lock) {
      List<Ref> refs = watching.remove(pid);
      if (refs != null) {
        refs.forEach(this::unwatch);
      }
    }
  }

  /** Under the lock. */
  private void unwatch(Ref ref) {
    Watcher<G> watcher = watchers.remove(ref);
    if (watcher == null) {
      return;
    }
    G group = watcher.group();
    if (group == null) {
      ofAll.remove(watcher.to());
    } else if (ofGroup.get(group) instanceof Set<Alias> same) {
      same.remove(watcher.to());
      if (same.isEmpty()) {
        ofGroup.remove(group);
      }
    }
  }

  /** Under the lock (G3). */
  private void tell(G group, Function<Ref, Object> message) {
    ofGroup.getOrDefault(group, Set.of()).forEach(to -> notices.add(to, message.apply(to)));
    ofAll.forEach(to -> notices.add(to, message.apply(to)));
  }

  private void checkLocal(Pid pid) {
    if (!runtime.isLocal(pid)) {
      throw new IllegalArgumentException(
          "Process "
              + pid
              + " is not one of "
              + runtime
              + " and cannot be in a group of scope '"
              + scope
              + "'. A process joins groups of its own runtime.");
    }
  }

  @Override
  public String toString() {
    return "ProcessGroups[" + scope + "]";
  }
}
