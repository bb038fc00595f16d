package io.otp.differential;

import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;

import io.otp.Rule;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.registry.ProcessGroups;
import io.otp.registry.ProcessGroups.GroupMonitor;
import io.otp.registry.ProcessGroups.Joined;
import io.otp.registry.ProcessGroups.Left;
import io.otp.registry.ProcessGroups.ScopeMonitor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Process groups as Erlang's: {@code diff_pg.erl}. */
class ProcessGroupsDifferentialTests extends DifferentialTests {

  @TestFactory
  @Rule("10.50")
  Stream<DynamicTest> groupsDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "pg";
  }

  private static ProcessGroups<String> scope(Self<Object> self) {
    return new ProcessGroups<>(self.runtime(), "scope");
  }

  private static Pid waiter(Self<Object> self) {
    return self.spawn(Self::receive);
  }

  private static void stop(Self<Object> self, Pid pid) {
    self.send(pid, "stop");
    ended(self, pid);
  }

  private static List<Pid> members(ProcessGroups<String> groups, String group) {
    return groups.members(group).stream().sorted().toList();
  }

  private static Object join(ProcessGroups<String> groups, String group, Pid... pids) {
    if (pids.length == 1) {
      groups.join(group, pids[0]);
    } else {
      groups.join(group, List.of(pids));
    }
    return "ok";
  }

  private static Object leave(ProcessGroups<String> groups, String group, Pid... pids) {
    return (pids.length == 1 ? groups.leave(group, pids[0]) : groups.leave(group, List.of(pids)))
        ? "ok"
        : "not_joined";
  }

  private static List<String> sorted(Iterable<String> groups) {
    return Stream.of(groups)
        .flatMap(g -> java.util.stream.StreamSupport.stream(g.spliterator(), false))
        .sorted()
        .toList();
  }

  private static Object demonitor(ProcessGroups<String> groups, Self<Object> self, Ref ref) {
    return groups.demonitor(self, ref) ? "ok" : false;
  }

  /** A monitor's answer or message as Erlang writes it. */
  private static Object erlang(Object term) {
    return switch (term) {
      case GroupMonitor(var ref, var members) -> tuple(ref, members);
      case ScopeMonitor<?>(var ref, var groups) ->
          tuple(
              ref,
              groups.entrySet().stream()
                  .<Object>map(e -> tuple(e.getKey(), e.getValue()))
                  .toList());
      case Joined(var ref, var group, var pids) -> tuple(ref, "join", group, pids);
      case Left(var ref, var group, var pids) -> tuple(ref, "leave", group, pids);
      case List<?> list ->
          list.stream().<Object>map(ProcessGroupsDifferentialTests::erlang).toList();
      default -> term;
    };
  }

  @Override
  void scenarios() {
    scenario(
        "pg_join_counts",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          trace.ev(members(s, "group"));
          trace.ev(join(s, "group", p));
          trace.ev(join(s, "group", p));
          trace.ev(join(s, "other", p));
          trace.ev(members(s, "group"));
          trace.ev(s.localMembers("group").stream().sorted().toList());
          trace.ev(members(s, "other"));
        });
    scenario(
        "pg_leave",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          trace.ev(leave(s, "group", p));
          join(s, "group", p);
          trace.ev(leave(s, "other", p));
          trace.ev(leave(s, "group", waiter(self)));
          trace.ev(leave(s, "group", p));
          trace.ev(leave(s, "group", p));
          trace.ev(members(s, "group"));
        });
    scenario(
        "pg_leave_takes_one",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          for (int i = 0; i < 3; i++) {
            join(s, "group", p);
          }
          trace.ev(leave(s, "group", p));
          trace.ev(members(s, "group").size());
          trace.ev(leave(s, "group", p));
          trace.ev(members(s, "group").size());
        });
    scenario(
        "pg_many_at_once",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          Pid q = waiter(self);
          trace.ev(join(s, "group", p, q, p));
          trace.ev(members(s, "group"));
          trace.ev(leave(s, "group", p, q));
          trace.ev(members(s, "group"));
          trace.ev(leave(s, "group", q));
          trace.ev(leave(s, "group", p));
          trace.ev(sorted(s.groups()));
        });
    scenario(
        "pg_death",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          Pid q = waiter(self);
          join(s, "group", p, q, p);
          join(s, "other", p);
          stop(self, p);
          if (!members(s, "group").equals(List.of(q))) { // at once, unlike in Erlang
            throw new AssertionError(s.members("group"));
          }
          trace.ev(members(s, "other"));
          trace.ev(sorted(s.groups()));
          trace.ev(leave(s, "group", p));
        });
    scenario(
        "pg_dead_joins",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          stop(self, p);
          Ref ref = s.monitor(self, "group").ref();
          trace.ev(p);
          trace.ev(join(s, "group", p));
          trace.ev(tuple(ref, erlang(next(self)), erlang(next(self))));
          trace.ev(members(s, "group"));
          trace.ev(sorted(s.groups()));
        });
    scenario(
        "pg_groups",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          trace.ev(sorted(s.groups()));
          join(s, "b", p);
          join(s, "a", p);
          trace.ev(sorted(s.groups()));
          trace.ev(sorted(s.localGroups()));
          leave(s, "b", p);
          trace.ev(sorted(s.groups()));
        });
    scenario(
        "pg_monitor",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          Pid q = waiter(self);
          join(s, "group", p);
          trace.ev(erlang(s.monitor(self, "group")));
          join(s, "group", q);
          join(s, "other", q);
          leave(s, "group", p);
          leave(s, "group", p);
          trace.ev(erlang(flush(self)));
          self.send(q, "stop");
          trace.ev(erlang(next(self)));
          trace.ev(erlang(flush(self)));
        });
    scenario(
        "pg_monitor_many_joins_and_death",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          trace.ev(erlang(s.monitor(self, "group")));
          join(s, "group", p);
          join(s, "group", p, p);
          trace.ev(erlang(flush(self)));
          self.send(p, "stop");
          for (int i = 0; i < 3; i++) {
            trace.ev(erlang(next(self)));
          }
          trace.ev(erlang(flush(self)));
        });
    scenario(
        "pg_monitor_scope",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          join(s, "group", p);
          trace.ev(erlang(s.monitorScope(self)));
          join(s, "group", p);
          join(s, "other", p);
          leave(s, "group", p);
          trace.ev(erlang(flush(self)));
        });
    scenario(
        "pg_demonitor",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          Ref ref = s.monitor(self, "group").ref();
          Ref other = s.monitor(self, "group").ref();
          join(s, "group", p);
          trace.ev(demonitor(s, self, ref));
          trace.ev(demonitor(s, self, ref));
          trace.ev(demonitor(s, self, Ref.create()));
          leave(s, "group", p);
          trace.ev(tuple(ref, other));
          trace.ev(erlang(flush(self)));
        });
    scenario(
        "pg_scopes",
        (self, trace) -> {
          var s = scope(self);
          var t = scope(self);
          Pid p = waiter(self);
          join(s, "group", p);
          trace.ev(members(t, "group"));
          trace.ev(leave(t, "group", p));
          trace.ev(members(s, "group"));
        });
    scenario(
        "pg_monitor_of_an_empty_group",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          trace.ev(erlang(s.monitor(self, "group")));
          join(s, "group", p);
          trace.ev(erlang(flush(self)));
          trace.ev(erlang(s.monitor(self, "group")));
        });
    scenario(
        "pg_two_monitors",
        (self, trace) -> {
          var s = scope(self);
          Pid p = waiter(self);
          Ref r1 = s.monitor(self, "group").ref();
          Ref r2 = s.monitorScope(self).ref();
          trace.ev(tuple(r1, r2));
          join(s, "group", p);
          trace.ev(erlang(flush(self)));
        });
  }
}
