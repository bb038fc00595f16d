package io.otp.soak;

import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.MailboxFullException;
import io.otp.process.Pid;
import io.otp.process.ProcessInfo;
import io.otp.process.ProcessRuntime;
import io.otp.process.RuntimeStats;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServers;
import io.otp.server.StartResult;
import io.otp.soak.Ledger.Expected;
import io.otp.soak.Messages.Finish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Some seconds of chaos among a constant number of processes, and the balance after it: when
 * everybody has come to rest, what one book says was done must be in the other book as having come.
 * Then all are ended, and nothing may be left.
 */
@Immutable
final class Round {

  private static final int NAMES = 32;

  final ProcessRuntime runtime;
  final Count.Totals totals;
  private final Random random;
  private final AtomicLong numbers;
  private final Consumer<String> wrong;
  private final AtomicReferenceArray<@Nullable Ledger> places;
  private final Map<Integer, Ledger> books = new ConcurrentHashMap<>();
  private final Map<Pid, Ledger> byPid = new ConcurrentHashMap<>();
  private final Set<Long> pairs = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  /**
   * @param numbers where numbers of books and calls come from, unique in the run
   * @param wrong is told what cannot be
   */
  Round(
      ProcessRuntime runtime,
      Count.Totals totals,
      long seed,
      int population,
      AtomicLong numbers,
      Consumer<String> wrong) {
    this.runtime = runtime;
    this.totals = totals;
    this.random = new Random(seed);
    this.numbers = numbers;
    this.wrong = wrong;
    this.places = new AtomicReferenceArray<>(population);
  }

  // --- what the actors use

  void wrong(String what) {
    wrong.accept(what);
  }

  boolean isStopping() {
    return stopping;
  }

  long nextNumber() {
    return numbers.incrementAndGet();
  }

  static String name(Random random) {
    return "name-" + random.nextInt(NAMES);
  }

  @Nullable Ledger byPid(Pid pid) {
    return byPid.get(pid);
  }

  /** Some process, maybe dead. */
  Ledger anybody(Random random) {
    for (; ; ) {
      Ledger book = places.get(random.nextInt(places.length()));
      if (book != null) {
        return book;
      }
    }
  }

  /** A place whose process has ended, -1 if the first that are looked at live. */
  int emptyPlace(Random random) {
    for (int i = 0; i < 10; i++) {
      int place = random.nextInt(places.length());
      Ledger book = places.get(place);
      if (book == null || !book.isAlive()) {
        return place;
      }
    }
    return -1;
  }

  /** Whether these two have not been linked before. */
  boolean isNewPair(Ledger one, Ledger two) {
    long low = Math.min(one.id, two.id);
    return one != two && pairs.add(low << 32 | Math.max(one.id, two.id));
  }

  private Ledger newBook(Kind kind, boolean traps) {
    var book = new Ledger((int) nextNumber(), kind, traps);
    books.put(book.id, book);
    return book;
  }

  /**
   * Called by who starts a process and by the process itself: one of both may be killed before it
   * comes to it.
   */
  void born(Ledger book, Pid pid) {
    synchronized (book) {
      if (book.pid != null) {
        return;
      }
      book.pid = pid;
    }
    byPid.put(pid, book);
    totals.add(Count.STARTED);
    runtime.atExit(
        pid,
        reason -> {
          book.ended = reason;
          book.endings.incrementAndGet();
        });
  }

  /** Starts a process from another one. */
  Self.Monitored spawn(Self<Object> self, int place, boolean link, boolean monitor, Random random) {
    Ledger parent = byPid.get(self.pid());
    Ledger book = newBook(Kind.random(random), random.nextInt(3) == 0);
    if (link && parent != null) {
      parent.links.put(book, true); // before: it may be killed as soon as it is there
      isNewPair(parent, book);
      totals.add(Count.LINKS);
    }
    var actor = new Actor(this, book, random.nextLong());
    Self.Monitored child = start(self, actor, link, monitor);
    born(book, child.pid());
    places.set(place, book);
    return child;
  }

  private Self.Monitored start(Self<Object> self, Actor actor, boolean link, boolean monitor) {
    if (actor.book.kind.form() == Kind.Form.RAW) {
      if (monitor && !link) {
        return self.spawnMonitor(actor::runRaw);
      }
      return new Self.Monitored(
          link ? self.spawnLink(actor::runRaw) : self.spawn(actor::runRaw), null);
    }
    if (actor.book.kind.form() == Kind.Form.BEHAVIOUR) {
      return self.spawn(new ActorBehaviour(actor), new SpawnOptions(link, monitor, null, null));
    }
    var server = new ActorServer(actor.book);
    return started(
        () ->
            link
                ? GenServers.startLink(self, server, actor, GenServers.StartOptions.NONE)
                : GenServers.start(self, server, actor, GenServers.StartOptions.NONE));
  }

  private static Self.Monitored started(Supplier<StartResult> start) {
    if (start.get() instanceof StartResult.Started started) {
      return new Self.Monitored(started.pid(), null);
    }
    throw new Actor.OnPurpose(); // somebody has killed it meanwhile
  }

  // --- a round

  /** Starts a process from a thread that is none. */
  private void spawn(int place, Random random) {
    Ledger book = newBook(Kind.random(random), random.nextInt(3) == 0);
    var actor = new Actor(this, book, random.nextLong());
    Pid pid =
        switch (book.kind.form()) {
          case RAW -> runtime.spawn(actor::runRaw);
          case BEHAVIOUR -> runtime.spawn(new ActorBehaviour(actor), SpawnOptions.NONE);
          default -> startServer(actor);
        };
    if (pid != null) {
      born(book, pid);
      places.set(place, book);
    }
  }

  private @Nullable Pid startServer(Actor actor) {
    ArgsGenServer<Actor, Object, Actor> server = new ActorServer(actor.book);
    return GenServers.start(runtime, server, actor, GenServers.StartOptions.NONE)
            instanceof StartResult.Started started
        ? started.pid()
        : null;
  }

  /** Lets them act for a while. */
  void act(Duration time) throws InterruptedException {
    for (int place = 0; place < places.length(); place++) {
      while (places.get(place) == null) {
        spawn(place, random);
      }
    }
    var directors = new ArrayList<Thread>();
    for (int i = 0; i < 3; i++) {
      var director = new Director(random.nextLong());
      directors.add(
          i == 0 ? Thread.ofPlatform().start(director) : Thread.ofVirtual().start(director));
    }
    Thread.sleep(time);
    stopping = true;
    for (Thread director : directors) {
      director.join();
    }
  }

  /** A thread that is no process and does what those do: sends, calls, kills, suspends, starts. */
  private final class Director implements Runnable {
    private final Random random;
    private final Ledger book = newBook(Kind.THREAD, false);
    private final Actor caller;

    Director(long seed) {
      this.random = new Random(seed);
      this.caller = new Actor(Round.this, book, random.nextLong());
    }

    @Override
    public void run() {
      try {
        while (!stopping) {
          try {
            actOnce();
          } catch (MailboxFullException e) {
            totals.add(Count.REFUSED);
          }
          LockSupport.parkNanos(1_000L * random.nextInt(300));
        }
      } catch (Throwable t) {
        wrong(book + " failed: " + t);
      }
    }

    private void actOnce() {
      Ledger other = anybody(random);
      switch (random.nextInt(16)) {
        case 0, 1, 2, 3 -> send(other);
        case 4, 5 -> caller.call(other, Duration.ofMillis(random.nextInt(20)));
        case 6 -> caller.callAsync(other);
        case 7 -> signal(other);
        case 8 -> suspend(other);
        default -> {
          int place = emptyPlace(random);
          if (place >= 0) {
            spawn(place, random);
          }
        }
      }
    }

    private void send(Ledger to) {
      long number = book.sent.getOrDefault(to.id, 0L) + 1;
      runtime.send(to.pid(), new Messages.Note(book.id, number));
      book.sent.put(to.id, number);
      totals.add(Count.SENT);
    }

    private void signal(Ledger to) {
      long number = book.signalsSent.getOrDefault(to.id, 0L) + 1;
      runtime.exit(to.pid(), new ExitReason.Other(new Messages.Poke(book.id, to.id, number)));
      book.signalsSent.put(to.id, number);
      totals.add(Count.SIGNALS);
    }

    private void suspend(Ledger server) {
      if (!server.kind.isServer() || !tell(() -> io.otp.process.Sys.suspend(server.pid()))) {
        return;
      }
      totals.add(Count.SUSPENSIONS);
      for (int i = random.nextInt(20); i > 0; i--) {
        try {
          send(server);
        } catch (MailboxFullException e) {
          totals.add(Count.REFUSED);
        }
      }
      LockSupport.parkNanos(1_000L * random.nextInt(3_000));
      while (!tell(() -> io.otp.process.Sys.resume(server.pid()))
          && runtime.isAlive(server.pid())) {
        LockSupport.parkNanos(1_000_000);
      }
    }

    private boolean tell(Runnable systemMessage) {
      try {
        systemMessage.run();
        return true;
      } catch (io.otp.process.CallException e) {
        return false;
      }
    }
  }

  // --- the balance

  /** Waits until the books balance; returns what does not after {@code limit}. */
  List<String> settle(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    List<String> open = imbalances();
    while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
      Thread.sleep(20);
      open = imbalances();
    }
    return open;
  }

  private List<String> imbalances() {
    var open = new ArrayList<String>();
    for (Ledger book : books.values()) {
      checkLife(book, open);
      checkMessages(book, open);
      checkLinks(book, open);
      if (book.pid != null && book.isAlive()) {
        checkExpected(book, open);
        checkDropped(book, open);
      }
    }
    RuntimeStats stats = runtime.stats();
    zero(stats.zombies(), "zombies", open);
    zero(stats.runQueue(), "processes in the run queue", open);
    zero(stats.busySchedulers(), "busy slots", open);
    zero(totals.get(Count.CALLS) - callsEnded(), "calls without an end", open);
    zero(
        totals.get(Count.FUTURES) - totals.get(Count.FUTURES_DONE), "futures without an end", open);
    if (stats.workers() > 4 * stats.schedulers() + 16) {
      open.add(stats.workers() + " workers are left for " + stats.schedulers() + " slots");
    }
    return open;
  }

  private long callsEnded() {
    return totals.get(Count.REPLIES)
        + totals.get(Count.TIMEOUTS)
        + totals.get(Count.CALLS_FAILED)
        + totals.get(Count.CALLERS_ENDED);
  }

  private static void zero(long count, String what, List<String> open) {
    if (count != 0) {
      open.add(count + " " + what);
    }
  }

  private static void checkLife(Ledger book, List<String> open) {
    if (book.kind == Kind.THREAD || book.pid == null) {
      return;
    }
    if (book.isAlive() && !book.calm) {
      open.add(book + " does not come to rest");
    } else if (!book.isAlive() && book.endings.get() != 1) {
      open.add(book + " has ended " + book.endings + " times");
    } else if (!book.isAlive() && book.running.get() != 0) {
      open.add(book + " has ended (" + book.ended + ") but its code goes on");
    }
  }

  /** All that was sent to one that lives has come, and nothing that was not sent. */
  private void checkMessages(Ledger sender, List<String> open) {
    check(sender, sender.sent, receiver -> receiver.received, "messages", open);
    check(sender, sender.signalsSent, receiver -> receiver.signalsReceived, "exit signals", open);
  }

  private void check(
      Ledger sender,
      Map<Integer, Long> sent,
      java.util.function.Function<Ledger, Map<Integer, Long>> received,
      String what,
      List<String> open) {
    sent.forEach(
        (to, count) -> {
          Ledger receiver = books.get(to);
          if (receiver == null) {
            return;
          }
          long got = received.apply(receiver).getOrDefault(sender.id, 0L);
          boolean mayMiss = !receiver.isAlive() || what.equals("messages") && receiver.kind.drops();
          if (got > count || got < count && !mayMiss) {
            open.add(receiver + " got " + got + " of " + count + " " + what + " of " + sender);
          }
        });
  }

  /** What a bounded mailbox dropped, it has counted. */
  private void checkDropped(Ledger book, List<String> open) {
    if (!book.kind.drops()) {
      return;
    }
    long sent = 0;
    for (Ledger sender : books.values()) {
      sent += sender.sent.getOrDefault(book.id, 0L);
    }
    long missing = sent - book.notes.get();
    long refused = runtime.info(book.pid()).map(ProcessInfo::refusedMessages).orElse(missing);
    if (missing > refused) {
      open.add(book + " misses " + missing + " messages but has dropped " + refused);
    }
  }

  /** A link has ended both, or has told the one that traps exits, once. */
  private static void checkLinks(Ledger book, List<String> open) {
    book.links.forEach(
        (other, lasts) -> {
          if (other.pid == null) {
            return; // it was never started
          }
          if (lasts) {
            checkLink(book, other, true, open);
            checkLink(other, book, false, open);
          }
        });
  }

  /**
   * @param own whether {@code book} made the link; else it may not yet have trapped exits when
   *     {@code other} ended
   */
  private static void checkLink(Ledger book, Ledger other, boolean own, List<String> open) {
    ExitReason reason = other.ended;
    int told = book.exits.getOrDefault(other.id, 0);
    if (!book.isAlive() || (!own && told == 0 && reason instanceof ExitReason.Normal)) {
      return;
    }
    if (reason == null && told != 0) {
      open.add(book + " was told of the end of " + other + ", which lives");
    } else if (reason != null && book.traps && told != 1) {
      open.add(
          book
              + " was told "
              + told
              + " times of the end of "
              + other
              + ", linked by "
              + (own ? "itself" : "that")
              + ": "
              + reason);
    } else if (reason != null && !book.traps && !(reason instanceof ExitReason.Normal)) {
      open.add(book + " lives although " + other + ", linked to it, has ended: " + reason);
    }
  }

  private static void checkExpected(Ledger book, List<String> open) {
    book.monitors.forEach(
        (ref, expected) -> {
          boolean ended = expected.other != null && !expected.other.isAlive();
          check(book, "down messages", expected, ended, expected.other != null, open);
        });
    book.requests.forEach(
        (ref, expected) -> {
          boolean due = expected.other == null || !expected.other.isAlive();
          check(book, "responses", expected, due, due, open);
        });
    book.timers.forEach(
        (ref, expected) -> check(book, "timer messages", expected, true, true, open));
  }

  /**
   * @param due whether one must have come if the owner has not given up
   * @param known whether that is known
   */
  private static void check(
      Ledger book, String what, Expected expected, boolean due, boolean known, List<String> open) {
    int must =
        switch (expected.state) {
          case ACTIVE -> due ? 1 : 0;
          case LATE -> 1;
          case ENDED, FLUSHED -> 0;
        };
    if (expected.came.get() != must && (known || expected.state != Ledger.State.ACTIVE)) {
      open.add(
          "%s got %d %s instead of %d (%s, %s)"
              .formatted(book, expected.came.get(), what, must, expected.state, expected.other));
    }
  }

  // --- the end

  /** Ends all, and returns what is left after {@code limit}. */
  List<String> finish(Duration limit) throws InterruptedException {
    for (Ledger book : books.values()) {
      if (book.pid != null) {
        switch (book.kind.form() == Kind.Form.RAW ? 0 : random.nextInt(3)) {
          case 0 -> finish(book);
          case 1 -> runtime.exit(book.pid(), ExitReason.SHUTDOWN);
          default -> runtime.exit(book.pid(), ExitReason.KILL);
        }
      }
    }
    long deadline = System.nanoTime() + limit.toNanos();
    List<String> left = left();
    while (!left.isEmpty() && System.nanoTime() - deadline < 0) {
      Thread.sleep(20);
      left = left();
    }
    return left;
  }

  private void finish(Ledger book) {
    try {
      runtime.send(book.pid(), Finish.FINISH);
    } catch (MailboxFullException e) {
      runtime.exit(book.pid(), ExitReason.KILL);
    }
  }

  private List<String> left() {
    var left = new ArrayList<String>();
    for (Ledger book : books.values()) {
      if (book.pid != null && book.endings.get() != 1) {
        left.add(book + " has ended " + book.endings + " times");
      }
      if (book.running.get() != 0) {
        left.add(book + " has ended but its code goes on");
      }
    }
    RuntimeStats stats = runtime.stats();
    zero(stats.processes(), "processes", left);
    zero(stats.names(), "names", left);
    zero(stats.timers(), "armed timers", left);
    zero(stats.zombies(), "zombies", left);
    zero(stats.runQueue(), "processes in the run queue", left);
    zero(stats.busySchedulers(), "busy slots", left);
    zero(
        stats.spawned() - stats.exitedNormally() - stats.exitedAbnormally(),
        "exits without a process",
        left);
    zero(stats.rescuedWakeUps(), "lost wake-ups", left);
    return left;
  }

  /** How many messages were sent to processes that ended before they took them, or were dropped. */
  long lost() {
    long lost = 0;
    for (Ledger sender : books.values()) {
      for (long count : sender.sent.values()) {
        lost += count;
      }
    }
    for (Ledger receiver : books.values()) {
      lost -= receiver.notes.get();
    }
    return lost;
  }

  /** Those that are alive and not at rest. */
  List<Ledger> restless() {
    return books.values().stream()
        .filter(book -> book.pid != null && book.isAlive() && !book.calm)
        .toList();
  }
}
