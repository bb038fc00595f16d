package io.otp.stage;

import io.otp.process.Pid;
import io.otp.process.Ref;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Whom a producer sends what: its consumers, their demand, and the rule of its {@link Dispatcher}.
 * Used by the stage's process alone.
 *
 * <p>Invariant S1: nobody is sent more than it has asked for.
 */
final class Dispatch {

  /** A consumer, and what it has asked for and not been sent. */
  static final class Target {
    final Ref tag;
    final Pid pid;
    final Ref monitor;
    final int partition;
    private long demand;

    Target(Ref tag, Pid pid, Ref monitor, int partition) {
      this.tag = tag;
      this.pid = pid;
      this.monitor = monitor;
      this.partition = partition;
    }
  }

  private final Dispatcher rule;
  private final Map<Ref, Target> targets = new LinkedHashMap<>();

  Dispatch(Dispatcher rule) {
    this.rule = rule;
  }

  void add(Target target) {
    targets.put(target.tag, target);
  }

  /** What it had asked for is forgotten; {@code null} if it was not there. */
  @Nullable Target remove(Ref tag) {
    return targets.remove(tag);
  }

  /** Whether it was a consumer that has ended; it is forgotten. */
  boolean ended(Ref monitor) {
    return targets.values().removeIf(target -> target.monitor == monitor);
  }

  /** Why nobody can have a part, {@code null} if one can. */
  @Nullable String whyNot(int partition) {
    return rule instanceof Dispatcher.Partition(int partitions, _) && partition >= partitions
        ? "there is no partition " + partition + ", it must be 0 to " + (partitions - 1)
        : null;
  }

  void ask(Ref tag, long demand) {
    Target target = targets.get(tag);
    if (target != null) {
      long sum = target.demand + demand;
      target.demand = sum < 0 ? Long.MAX_VALUE : sum;
    }
  }

  int size() {
    return targets.size();
  }

  /** How many events could be sent now, whatever they are. */
  long demand() {
    return switch (rule) {
      case Dispatcher.Broadcast _ ->
          targets.values().stream().mapToLong(target -> target.demand).min().orElse(0);
      case Dispatcher.Demand _, Dispatcher.Partition _ -> {
        long sum = 0;
        for (Target target : targets.values()) {
          sum += target.demand;
          if (sum < 0) {
            yield Long.MAX_VALUE;
          }
        }
        yield sum;
      }
    };
  }

  /** Takes out of {@code buffer} what may be sent, and sends it, in order for each. */
  void send(ArrayDeque<Object> buffer, BiConsumer<Target, List<Object>> send) {
    switch (rule) {
      case Dispatcher.Demand _ -> {
        while (!buffer.isEmpty()) {
          Target most = most();
          if (most == null) {
            return;
          }
          List<Object> events = take(buffer, most.demand);
          most.demand -= events.size();
          send.accept(most, events);
        }
      }
      case Dispatcher.Broadcast _ -> {
        List<Object> events = take(buffer, demand());
        if (!events.isEmpty()) {
          for (Target target : List.copyOf(targets.values())) {
            target.demand -= events.size();
            send.accept(target, events);
          }
        }
      }
      case Dispatcher.Partition partition -> {
        // Once more: a part may have several consumers, and the first may have asked for too few.
        while (sendParts(partition, buffer, send)) {}
      }
    }
  }

  private @Nullable Target most() {
    Target most = null;
    for (Target target : targets.values()) {
      if (target.demand > 0 && (most == null || target.demand > most.demand)) {
        most = target;
      }
    }
    return most;
  }

  /** Whether any were sent. */
  private boolean sendParts(
      Dispatcher.Partition rule, Deque<Object> buffer, BiConsumer<Target, List<Object>> send) {
    var asking = new LinkedHashMap<Integer, Target>();
    for (Target target : targets.values()) {
      if (target.demand > 0) {
        asking.putIfAbsent(target.partition, target);
      }
    }
    var parts = new LinkedHashMap<Target, List<Object>>();
    for (Iterator<Object> events = buffer.iterator(); events.hasNext() && !asking.isEmpty(); ) {
      Object event = events.next();
      Target target = asking.get(Math.floorMod(rule.hash().applyAsInt(event), rule.partitions()));
      if (target != null) {
        events.remove();
        parts.computeIfAbsent(target, _ -> new ArrayList<>()).add(event);
        if (--target.demand == 0) {
          asking.remove(target.partition);
        }
      }
    }
    parts.forEach(send);
    return !parts.isEmpty();
  }

  private static List<Object> take(ArrayDeque<Object> buffer, long most) {
    int count = (int) Math.min(most, buffer.size());
    var events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      events.add(buffer.removeFirst());
    }
    return events;
  }
}
