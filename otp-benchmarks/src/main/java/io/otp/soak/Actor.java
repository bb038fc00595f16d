package io.otp.soak;

import io.otp.process.CallException;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.MailboxFullException;
import io.otp.process.NameTakenException;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Response;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.TimerExpired;
import io.otp.soak.Ledger.Expected;
import io.otp.soak.Ledger.State;
import io.otp.soak.Messages.Alarm;
import io.otp.soak.Messages.Answer;
import io.otp.soak.Messages.Ask;
import io.otp.soak.Messages.CastNote;
import io.otp.soak.Messages.Finish;
import io.otp.soak.Messages.Note;
import io.otp.soak.Messages.Poke;
import io.otp.soak.Messages.Tick;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a process of the soak run does, whatever its form: something at random, and the book-keeping
 * of it.
 */
@Immutable
final class Actor {

  /** Ends the process, as an error of its own. */
  static final class OnPurpose extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OnPurpose() {
      super("on purpose", null, false, false);
    }
  }

  final Round round;
  final Ledger book;
  private final Random random;
  private final ProcessRuntime runtime;
  private final List<LongConsumer> replies = new ArrayList<>();
  private final List<Long> owed = new ArrayList<>();
  private boolean named;
  private long alarms;

  Actor(Round round, Ledger book, long seed) {
    this.round = round;
    this.book = book;
    this.random = new Random(seed);
    this.runtime = round.runtime;
  }

  private void count(Count what) {
    round.totals.add(what);
  }

  private Duration micros(int most) {
    return Duration.ofNanos(1_000L * random.nextInt(most));
  }

  // --- driving

  /** A tick: acts, and sees to it that there is a next one. */
  void tick(Self<Object> self) {
    if (round.isStopping()) {
      payDebts();
      book.calm = true;
      return;
    }
    act(self);
    if (book.kind.bound() != null || random.nextInt(8) == 0) {
      self.sendAfter(micros(2_000), Tick.TICK); // a timer's message passes every bound
    } else {
      self.send(self.pid(), Tick.TICK);
    }
  }

  /** The body of a raw process. */
  void runRaw(Self<Object> self) {
    book.running.incrementAndGet();
    try {
      round.born(book, self.pid());
      if (book.traps) {
        self.trapExits(true);
      }
      while (!round.isStopping()) {
        act(self);
        for (int i = random.nextInt(4); i >= 0; i--) {
          self.<Object>receive(micros(random.nextInt(20) == 0 ? 2_000 : 1), Receive::take)
              .ifPresent(message -> on(self, message));
        }
      }
      payDebts();
      book.calm = true;
      for (Object message = self.receive(); message != Finish.FINISH; message = self.receive()) {
        on(self, message);
      }
    } finally {
      book.running.decrementAndGet();
    }
  }

  private void act(Self<Object> self) {
    for (int i = random.nextInt(3); i >= 0; i--) {
      try {
        actOnce(self);
      } catch (MailboxFullException e) {
        count(Count.REFUSED);
      } catch (NameTakenException e) {
        count(Count.NAMES);
      }
    }
    if (random.nextInt(4) == 0) {
      payDebts();
    }
  }

  private void actOnce(Self<Object> self) {
    int dice = random.nextInt(1_000);
    if (dice < 450) {
      send(self, round.anybody(random));
    } else if (dice < 470) {
      burst(self, round.anybody(random));
    } else if (dice < 560) {
      call(round.anybody(random), randomTimeout());
    } else if (dice < 590) {
      request(self);
    } else if (dice < 610) {
      callAsync(round.anybody(random));
    } else if (dice < 640) {
      link(self, round.anybody(random));
    } else if (dice < 655) {
      unlink(self);
    } else if (dice < 705) {
      monitor(self);
    } else if (dice < 730) {
      demonitor(self);
    } else if (dice < 740) {
      signal(self, round.anybody(random));
    } else if (dice < 775) {
      spawn(self);
    } else if (dice < 800) {
      name(self);
    } else if (dice < 850) {
      timer(self);
    } else if (dice < 870) {
      cancel(self);
    } else if (dice < 890) {
      count(Count.OWN_BLOCKS);
      self.sleep(micros(2_000));
    } else if (dice < 930) {
      receiveSome(self);
    } else if (dice < 960) {
      blockElsewhere();
    } else if (dice < 975) {
      self.checkpoint();
      self.put("key", random.nextInt());
      self.get("key");
    } else if (dice < 980) {
      compute();
    } else if (dice < 983) {
      end(self);
    } else {
      spawnStorm(self);
    }
  }

  // --- messages

  private void send(Self<Object> self, Ledger to) {
    long number = book.sent.getOrDefault(to.id, 0L) + 1;
    switch (random.nextInt(4)) {
      case 0 -> runtime.cast(runtime.address(to.pid()), new CastNote(book.id, number));
      case 1 -> runtime.send(to.pid(), new Note(book.id, number));
      default -> self.send(to.pid(), new Note(book.id, number));
    }
    book.sent.put(to.id, number);
    count(Count.SENT);
  }

  private void burst(Self<Object> self, Ledger to) {
    for (int i = 0; i < 150; i++) {
      send(self, to);
    }
  }

  /** Whatever reaches the process besides calls. */
  void on(Self<Object> self, Object message) {
    switch (message) {
      case Note(int from, long number) -> received(from, number);
      case CastNote(int from, long number) -> received(from, number);
      case Tick _ -> tick(self);
      case Alarm alarm -> fired(alarm);
      case TimerExpired(Ref ref, Object _) -> fired(ref);
      case Exit exit -> exited(exit);
      case Down(Ref ref, Object _, ExitReason _) -> came(book.monitors, ref, Count.DOWNS, "down");
      case Response(Ref id, Object reply, ExitReason error) -> {
        came(book.requests, id, Count.RESPONSES, "response");
        if ((reply == null) == (error == null)) {
          round.wrong(book + " got a response with " + reply + " and " + error);
        }
      }
      case Info.Timeout _ -> count(Count.IDLE_TIMEOUTS);
      case Info.Message(Object value) -> on(self, value);
      case Storm.Done _ -> count(Count.STORMS);
      case Finish _ -> throw new ProcessExit(ExitReason.NORMAL);
      default -> round.wrong(book + " got " + message + ", which nobody sends");
    }
  }

  private void received(int from, long number) {
    long last = book.received.getOrDefault(from, 0L);
    if (number <= last) {
      round.wrong(book + " got message " + number + " of #" + from + " after message " + last);
    } else if (number != last + 1 && !book.kind.drops()) {
      round.wrong(book + " got message " + number + " of #" + from + " but last was " + last);
    }
    book.received.put(from, number);
    book.notes.incrementAndGet();
    count(Count.RECEIVED);
  }

  private void came(Map<Ref, Expected> book, Ref ref, Count what, String name) {
    count(what);
    Expected expected = book.get(ref);
    if (expected == null) {
      round.wrong(this.book + " got a " + name + " for " + ref + ", which it does not know");
    } else if (expected.came.incrementAndGet() != 1) {
      round.wrong(this.book + " got a second " + name + " for " + ref);
    } else if (expected.state == State.ENDED || expected.state == State.FLUSHED) {
      round.wrong(this.book + " got a " + name + " for " + ref + ", which is " + expected.state);
    }
  }

  private void fired(Object timer) {
    count(Count.TIMERS_FIRED);
    Expected expected = book.timers.get(timer);
    if (expected == null || expected.came.incrementAndGet() != 1 || expected.state == State.ENDED) {
      round.wrong(
          book
              + " got "
              + timer
              + (expected == null ? ", an unknown timer" : ", cancelled or twice"));
    }
  }

  private void exited(Exit exit) {
    if (exit.reason() instanceof ExitReason.Other(Poke poke) && poke.to() == book.id) {
      long last = book.signalsReceived.merge(poke.from(), 1L, Long::sum);
      if (last != poke.number()) {
        round.wrong(
            book + " got signal " + poke.number() + " of #" + poke.from() + " as number " + last);
      }
      return;
    }
    count(Count.EXITS);
    Ledger other = round.byPid(exit.from());
    if (!book.traps) {
      round.wrong(book + " got " + exit + " but does not trap exits");
    } else if (other == null) {
      if (exit.reason() instanceof ExitReason.Shutdown) {
        throw new ProcessExit(ExitReason.SHUTDOWN); // the round ends
      }
      round.wrong(book + " got " + exit + " of a process it cannot be linked to");
    } else if (book.exits.merge(other.id, 1, Integer::sum) != 1) {
      round.wrong(book + " got a second exit signal of " + other);
    }
  }

  private void receiveSome(Self<Object> self) {
    count(Count.OWN_BLOCKS);
    boolean notes = random.nextBoolean();
    int from = round.anybody(random).id;
    self.<Object>receive(
            micros(1_000),
            message ->
                switch (message) {
                  case Note note when notes || note.from() == from -> Receive.take(note);
                  case CastNote note when notes || note.from() == from -> Receive.take(note);
                  case Exit exit when notes -> Receive.take(exit);
                  case Down down when notes -> Receive.take(down);
                  case Response response -> Receive.take(response);
                  default -> Receive.skip();
                })
        .ifPresent(message -> on(self, message));
  }

  // --- calls

  private Duration randomTimeout() {
    return switch (random.nextInt(6)) {
      case 0 -> Duration.ZERO;
      case 1 -> Duration.ofMillis(1);
      case 2 -> Duration.ofMillis(2_000);
      default -> Duration.ofMillis(10);
    };
  }

  private Ask randomAsk() {
    Answer answer =
        switch (random.nextInt(40)) {
          case 0, 1, 2, 3 -> Answer.LATER;
          case 4, 5 -> Answer.BY_ANOTHER_THREAD;
          case 6 -> Answer.SLOWLY;
          case 7 -> Answer.NEVER;
          case 8 -> Answer.STOP;
          case 9 -> Answer.CRASH;
          default -> Answer.NOW;
        };
    return new Ask(round.nextNumber(), answer);
  }

  /** Calls, and counts how that ended. */
  void call(Ledger server, Duration timeout) {
    Ask ask = randomAsk();
    boolean hopeless = ask.answer() == Answer.NEVER || !server.kind.isServer();
    Duration longest = hopeless && timeout.toMillis() > 10 ? Duration.ofMillis(10) : timeout;
    count(Count.CALLS);
    Count end = Count.CALLERS_ENDED;
    try {
      Object reply = runtime.call(runtime.address(server.pid()), ask, longest);
      end = Count.REPLIES;
      if (!reply.equals(ask.number())) {
        round.wrong(book + " called with " + ask + " and got " + reply);
      }
    } catch (CallException.CallTimeoutException e) {
      end = Count.TIMEOUTS;
    } catch (CallException e) {
      end = Count.CALLS_FAILED;
      if (e instanceof CallException.NoProcessException
          && server.isAlive()
          && runtime.isAlive(server.pid())) {
        round.wrong(book + " was told that " + server + " is not there: " + e);
      }
    } finally {
      count(end);
    }
  }

  private void request(Self<Object> self) {
    Ledger server = round.anybody(random);
    if (server == book) {
      return;
    }
    Ask ask = randomAsk();
    Ref id = runtime.sendRequest(runtime.address(server.pid()), ask);
    boolean certain = ask.answer() != Answer.NEVER && server.kind.isServer();
    var expected = new Expected(certain ? null : server);
    book.requests.put(id, expected);
    count(Count.REQUESTS);
    if (random.nextInt(3) == 0) {
      expected.state = runtime.abandonRequest(id) ? State.ENDED : State.LATE;
    }
  }

  void callAsync(Ledger server) {
    Ask ask = randomAsk();
    CompletionStage<Object> reply =
        runtime.callAsync(
            runtime.address(server.pid()), ask, Duration.ofMillis(random.nextInt(50)));
    count(Count.FUTURES);
    reply.whenComplete(
        (value, error) -> {
          count(Count.FUTURES_DONE);
          if (error == null ? !value.equals(ask.number()) : !(error instanceof CallException)) {
            round.wrong(book + " called with " + ask + " and got " + value + ", " + error);
          }
        });
  }

  /**
   * Handles a call.
   *
   * @param reply takes the reply, now or later
   * @return the reason to end with, or {@code null}
   */
  @Nullable ExitReason answer(Ask ask, LongConsumer reply) {
    switch (ask.answer()) {
      case NOW -> reply.accept(ask.number());
      case LATER -> {
        replies.add(reply);
        owed.add(ask.number());
        if (book.calm) {
          payDebts(); // there is no later
        }
      }
      case BY_ANOTHER_THREAD -> Thread.startVirtualThread(() -> reply.accept(ask.number()));
      case SLOWLY -> {
        blockElsewhere();
        reply.accept(ask.number());
      }
      case NEVER -> {}
      case STOP -> {
        return ExitReason.SHUTDOWN;
      }
      case CRASH -> throw new OnPurpose();
    }
    return null;
  }

  private void payDebts() {
    for (int i = 0; i < replies.size(); i++) {
      replies.get(i).accept(owed.get(i));
    }
    replies.clear();
    owed.clear();
  }

  // --- links, monitors, exits

  private void link(Self<Object> self, Ledger other) {
    if (!round.isNewPair(book, other)) {
      return;
    }
    try {
      self.link(other.pid());
    } catch (ProcessExit e) { // there is no such process, and this one does not trap exits
      if (book.traps || other.isAlive() && runtime.isAlive(other.pid())) {
        round.wrong(book + " could not link to " + other + ": " + e);
      }
      return;
    }
    book.links.put(other, true);
    count(Count.LINKS);
  }

  private void unlink(Self<Object> self) {
    for (Map.Entry<Ledger, Boolean> link : book.links.entrySet()) {
      if (link.getValue()) {
        link.setValue(false); // before: it may be killed when the link is gone, or before
        self.unlink(link.getKey().pid());
        return;
      }
    }
  }

  private void monitor(Self<Object> self) {
    Ledger other = round.anybody(random);
    if (other == book) {
      return;
    }
    if (random.nextInt(4) == 0) {
      book.monitors.put(self.monitor(Round.name(random)), new Expected(null)); // whoever has it
    } else {
      book.monitors.put(self.monitor(other.pid()), new Expected(other));
    }
    count(Count.MONITORS);
  }

  private void demonitor(Self<Object> self) {
    for (Map.Entry<Ref, Expected> monitor : book.monitors.entrySet()) {
      Expected expected = monitor.getValue();
      if (expected.state == State.ACTIVE) {
        if (random.nextBoolean()) {
          expected.state = self.demonitor(monitor.getKey()) ? State.ENDED : State.LATE;
        } else {
          boolean active = self.demonitorFlush(monitor.getKey());
          if (active && expected.came.get() != 0) {
            round.wrong(book + " ended a monitor that had fired");
          }
          if (expected.came.get() == 0) {
            expected.state = active ? State.ENDED : State.FLUSHED;
          } else {
            expected.state = State.LATE;
          }
        }
        return;
      }
    }
  }

  /** An exit signal; some cannot be trapped. */
  private void signal(Self<Object> self, Ledger other) {
    if (other == book) {
      return;
    }
    count(Count.SIGNALS);
    if (random.nextInt(3) == 0) {
      self.exit(other.pid(), ExitReason.KILL);
      return;
    }
    long number = book.signalsSent.getOrDefault(other.id, 0L) + 1;
    self.exit(other.pid(), new ExitReason.Other(new Poke(book.id, other.id, number)));
    book.signalsSent.put(other.id, number);
  }

  private void end(Self<Object> self) {
    switch (random.nextInt(4)) {
      case 0 -> throw new OnPurpose();
      case 1 -> throw new ProcessExit(ExitReason.NORMAL);
      case 2 -> throw new ProcessExit(new ExitReason.Other("enough"));
      default -> self.exit(self.pid(), ExitReason.KILL);
    }
  }

  // --- processes, names, timers, blocking

  private void spawn(Self<Object> self) {
    int place = round.emptyPlace(random);
    if (place >= 0) {
      Self.Monitored child =
          round.spawn(self, place, random.nextBoolean(), random.nextBoolean(), random);
      if (child.ref() != null) {
        book.monitors.put(child.ref(), new Expected(round.byPid(child.pid())));
        count(Count.MONITORS);
      }
    }
  }

  /** Children that live for one message. */
  private void spawnStorm(Self<Object> self) {
    Pid parent = self.pid();
    boolean raw = random.nextBoolean();
    for (int i = 0; i < 20; i++) {
      if (raw) {
        self.spawn(other -> Storm.tell(other, parent));
      } else {
        self.spawn(new Storm(parent), SpawnOptions.NONE);
      }
    }
  }

  private void name(Self<Object> self) {
    if (named) {
      self.unregister();
      named = false;
    } else {
      self.register(Round.name(random));
      named = true;
      count(Count.NAMES);
    }
  }

  private void timer(Self<Object> self) {
    count(Count.TIMERS);
    var expected = new Expected(null);
    if (random.nextBoolean()) {
      var alarm = new Alarm(++alarms);
      book.timers.put(alarm, expected);
      self.sendAfter(micros(3_000), alarm);
    } else {
      book.timers.put(self.startTimer(micros(3_000), "timer"), expected);
    }
  }

  private void cancel(Self<Object> self) {
    for (Map.Entry<Object, Expected> timer : book.timers.entrySet()) {
      Expected expected = timer.getValue();
      if (timer.getKey() instanceof Ref ref
          && expected.state == State.ACTIVE
          && expected.came.get() == 0) {
        expected.state = self.cancelTimer(ref).isPresent() ? State.ENDED : State.LATE;
        return;
      }
    }
  }

  /** Stands for JDBC and the like; one that is killed meanwhile may not notice for a while. */
  private void blockElsewhere() {
    if (!book.kind.sleepy()) {
      return;
    }
    count(Count.FOREIGN_BLOCKS);
    try {
      Thread.sleep(1 + random.nextInt(10));
    } catch (InterruptedException e) {
      if (random.nextBoolean()) {
        compute(); // as if nothing had happened
      }
    }
  }

  private void compute() {
    long until = System.nanoTime() + 1_000L * random.nextInt(2_000);
    while (System.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
  }
}
