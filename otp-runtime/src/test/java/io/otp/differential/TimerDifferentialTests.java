package io.otp.differential;

import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.errorOf;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Timers as Erlang's: {@code diff_timer.erl}. */
class TimerDifferentialTests extends DifferentialTests {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofMillis(1);

  @TestFactory
  @Rule({"12.01", "12.02", "12.03", "12.04", "12.05", "12.06", "12.08", "12.10"})
  Stream<DynamicTest> timersDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "timer";
  }

  private static Object left(Optional<Duration> left) {
    return left.map(time -> time.compareTo(Duration.ofMinutes(50)) > 0 ? "left" : time.toString())
        .map(Object.class::cast)
        .orElse(false);
  }

  private static Pid waiter(Self<Object> self) {
    return self.spawn(Self::receive);
  }

  @Override
  void scenarios() {
    scenario(
        "timer_order",
        (self, trace) -> {
          self.sendAfter(Duration.ofMillis(400), "third");
          self.sendAfter(SOON, "first");
          self.sendAfter(Duration.ofMillis(200), "second");
          for (int i = 0; i < 3; i++) {
            trace.ev(next(self));
          }
        });
    scenario(
        "timer_started",
        (self, trace) -> {
          self.startTimer(SOON, "hello");
          trace.ev(next(self));
        });
    scenario(
        "timer_cancel",
        (self, trace) -> {
          Ref timer = self.sendAfter(HOUR, "never");
          trace.ev(left(self.runtime().readTimer(timer)));
          trace.ev(left(self.cancelTimer(timer)));
          trace.ev(left(self.runtime().readTimer(timer)));
          trace.ev(left(self.cancelTimer(timer)));
          trace.ev(flush(self));
        });
    scenario(
        "timer_fired",
        (self, trace) -> {
          Ref timer = self.sendAfter(Duration.ZERO, "fired");
          TestRuntime.await("fired", () -> self.runtime().readTimer(timer).isEmpty());
          trace.ev(left(self.cancelTimer(timer)));
          trace.ev(flush(self));
        });
    scenario(
        "timer_dead_receiver",
        (self, trace) -> {
          Pid pid = waiter(self);
          Ref timer = self.sendAfter(HOUR, pid, "never");
          trace.ev(left(self.runtime().readTimer(timer)));
          self.send(pid, "x");
          ended(self, pid);
          trace.ev(left(self.runtime().readTimer(timer)));
          trace.ev(left(self.cancelTimer(timer)));
        });
    scenario(
        "timer_to_dead",
        (self, trace) -> {
          Pid pid = self.spawn(s -> {});
          ended(self, pid);
          trace.ev(left(self.runtime().readTimer(self.sendAfter(HOUR, pid, "never"))));
        });
    scenario(
        "timer_outlives_starter",
        (self, trace) -> {
          Pid me = self.pid();
          ended(self, self.spawn(s -> s.sendAfter(Duration.ofMillis(30), me, "hello")));
          trace.ev(next(self));
        });
    scenario(
        "timer_by_name",
        (self, trace) -> {
          Pid me = self.pid();
          var runtime = self.runtime();
          Pid first = waiter(self);
          runtime.register("diff_name", first);
          Ref timer = runtime.sendAfter(Duration.ofMillis(700), "diff_name", "hello");
          self.exit(first, ExitReason.KILL);
          TestRuntime.await("free", () -> runtime.whereis("diff_name").isEmpty());
          trace.ev(runtime.readTimer(timer).isPresent());
          runtime.register(
              "diff_name", self.spawn(s -> s.send(me, tuple("new_holder", s.receive()))));
          trace.ev(next(self));
        });
    scenario(
        "timer_name_without_holder",
        (self, trace) -> {
          Ref timer = self.runtime().sendAfter(SOON, "diff_name", "hello");
          TestRuntime.await("fired", () -> self.runtime().readTimer(timer).isEmpty());
          trace.ev(flush(self));
        });
    scenario(
        "timer_negative",
        (self, trace) -> {
          Duration negative = Duration.ofMillis(-1);
          trace.ev(errorOf(() -> self.sendAfter(negative, "x")));
          trace.ev(errorOf(() -> self.startTimer(negative, "x")));
        });
    scenario(
        "timer_cancelled_by_other",
        (self, trace) -> {
          Pid me = self.pid();
          Ref timer = self.sendAfter(HOUR, "never");
          self.spawn(s -> s.send(me, left(s.cancelTimer(timer))));
          trace.ev(next(self));
          trace.ev(left(self.runtime().readTimer(timer)));
        });
    scenario(
        "timer_unknown",
        (self, trace) -> {
          trace.ev(left(self.cancelTimer(Ref.create())));
          trace.ev(left(self.runtime().readTimer(Ref.create())));
        });
    scenario(
        "timer_interval",
        (self, trace) -> {
          Ref timer = self.sendInterval(Duration.ofMillis(10), "tick");
          for (int i = 0; i < 3; i++) {
            trace.ev(next(self));
          }
          self.cancelTimer(timer);
          flush(self);
          trace.ev(flush(self));
        });
    scenario(
        "timer_exit_after",
        (self, trace) -> {
          self.trapExits(true);
          Pid pid = self.spawnLink(Self::receive);
          self.exitAfter(SOON, pid, ExitReason.other("boom"));
          trace.ev(next(self));
        });
    scenario(
        "timer_kill_after",
        (self, trace) -> {
          Pid pid =
              self.spawn(
                  s -> {
                    s.trapExits(true);
                    s.receive();
                  });
          self.monitor(pid);
          self.exitAfter(SOON, pid, ExitReason.KILL);
          trace.ev(next(self));
        });
    scenario(
        "timer_of_one_moment",
        (self, trace) -> {
          for (int n = 1; n <= 100; n++) {
            self.sendAfter(Duration.ofMillis(20), n);
          }
          var seen = new HashSet<Object>();
          for (int n = 1; n <= 100; n++) {
            seen.add(next(self));
          }
          trace.ev(seen.size());
          trace.ev(flush(self));
        });
    scenario(
        "timer_cancelled_or_fired",
        (self, trace) -> {
          var timers = new ArrayList<Ref>();
          for (int n = 0; n < 500; n++) {
            timers.add(self.sendAfter(Duration.ofMillis(n % 5), n));
          }
          self.sleep(Duration.ofMillis(2));
          var fired = new HashSet<Object>();
          for (int n = 0; n < 500; n++) {
            if (self.cancelTimer(timers.get(n)).isEmpty()) {
              fired.add(n);
            }
          }
          List<Object> messages = flush(self);
          trace.ev(messages.size() == fired.size() && fired.containsAll(messages));
        });
    scenario(
        "references_are_unique",
        (self, trace) ->
            trace.ev((int) Stream.generate(Ref::create).limit(1000).distinct().count()));
    scenario(
        "timer_started_for_others",
        (self, trace) -> {
          Pid me = self.pid();
          var runtime = self.runtime();
          Pid pid = self.spawn(s -> s.send(me, tuple("other", s.receive())));
          runtime.startTimer(SOON, pid, "by_pid");
          trace.ev(next(self));
          self.register("diff_name");
          runtime.startTimer(SOON, "diff_name", "by_name");
          trace.ev(next(self));
        });
  }
}
