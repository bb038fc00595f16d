package io.otp.stage;

import io.otp.process.ExitReason;
import io.otp.process.Self;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;

/** Produces 0, 1, 2, … as they are asked for, and ends before its start argument. */
final class Numbers implements Producer<Long, Integer, Integer> {

  final Queue<Long> demands = new ConcurrentLinkedQueue<>();
  private final StageOptions options;
  private volatile long end;

  Numbers() {
    this(StageOptions.DEFAULT);
  }

  Numbers(StageOptions options) {
    this.options = options;
  }

  @Override
  public StageOptions options() {
    return options;
  }

  @Override
  public Integer init(Long end, Self<?> self) {
    this.end = end;
    return 0;
  }

  @Override
  public Emit<Integer, Integer> handleDemand(long demand, Integer next, Self<?> self) {
    demands.add(demand);
    long to = Math.min(end, next + Math.min(demand, 10_000));
    var events = LongStream.range(next, to).mapToObj(n -> (int) n).toList();
    return to == end ? Emit.stop(ExitReason.NORMAL, events, (int) to) : Emit.of(events, (int) to);
  }
}
