package io.otp.process;

import java.lang.reflect.Field;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the stress tests make processes of: such as an actor of a test may run itself, in place of a
 * worker.
 */
final class StressedProcesses {

  /** One for the whole JVM. Its workers run what an actor leaves scheduled. */
  static final ProcessRuntime RUNTIME =
      ProcessRuntime.builder().name("jcstress").maxProcesses(1 << 22).build();

  private static final CallbackModule MODULE = CallbackModule.of("Stressed", "jcstress");

  private static final Field TRAP_EXITS = field(Process.class, "trapExits");
  private static final Field EXTRA = field(Process.class, "extra");
  private static final Field DEFERRED = field(EXTRA.getType(), "deferred");

  private StressedProcesses() {}

  /**
   * Ends in {@code init} with {@code first} unless that is {@code null}; counts what it handles and
   * never answers.
   */
  static final class Stressed extends Behaviour {
    final AtomicInteger handled = new AtomicInteger();
    private final CallbackModule module;
    private final @Nullable ExitReason first;

    Stressed(CallbackModule module, @Nullable ExitReason first) {
      this.module = module;
      this.first = first;
    }

    @Override
    protected CallbackModule module() {
      return module;
    }

    @Override
    protected @Nullable ExitReason init(Self<Object> self) {
      return first;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      handled.incrementAndGet();
      return null;
    }

    @Override
    protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
      handled.incrementAndGet();
      return null;
    }

    @Override
    protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
      handled.incrementAndGet();
      return null;
    }
  }

  static Stressed behaviour() {
    return new Stressed(MODULE, null);
  }

  static Stressed bounded(int limit, Overload policy) {
    return new Stressed(MODULE.withMailbox(MailboxBound.of(limit, policy)), null);
  }

  /**
   * A process that is in no run queue: who made it calls {@link #run}. It is not in the process
   * table and must not end.
   */
  static Process immortal(Behaviour behaviour) {
    return new Process(RUNTIME, 1, behaviour, Origin.NONE);
  }

  /** The same, but it may end. */
  static Process mortal(Behaviour behaviour) {
    return new Process(RUNTIME, RUNTIME.table().allocate(), behaviour, Origin.NONE);
  }

  /** One that ends as soon as it is run. */
  static Process dying() {
    return mortal(new Stressed(MODULE, ExitReason.SHUTDOWN));
  }

  /** Runs it on the current thread until it rests or ends. */
  static void run(Process process) {
    var seat = new Seat(Thread.currentThread());
    Seat.bind(seat);
    while (process.activate(seat, Scheduler.BUDGET)) {
      Thread.onSpinWait();
    }
    Seat.bind(null);
  }

  static Mailbox.Node message() {
    return new Mailbox.Node("message", Mailbox.Node.INFO);
  }

  /** How many messages of {@code type} are in the mailbox of a process that nobody runs. */
  static int count(Process process, Class<?> type) {
    process.refill();
    int count = 0;
    for (Mailbox.Node node = process.first; node != null; node = node.next) {
      if (type.isInstance(node.message)) {
        count++;
      }
    }
    return count;
  }

  /** Whether {@code condition} holds within some seconds. */
  static boolean holds(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      Thread.yield();
    }
    return true;
  }

  /** Makes exit signals messages, from outside. */
  static Process trapping(Process process) {
    try {
      TRAP_EXITS.setBoolean(process, true);
      return process;
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many calls a process has put off. */
  static int deferred(Process process) {
    try {
      Object extra = EXTRA.get(process);
      Object deferred = extra == null ? null : DEFERRED.get(extra);
      return deferred == null ? 0 : ((Collection<?>) deferred).size();
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Field field(Class<?> type, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException(e);
    }
  }
}
