package io.otp.stage;

import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Opaque;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.BehaviourName;
import io.otp.server.Next;
import io.otp.server.ServerRef;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process of a stage. After every message it does what can be done: sends what was asked for,
 * handles events if somebody wants what becomes of them, asks for more, and ends if nothing is left
 * of what it was to end after.
 *
 * <p>Invariant S3: a producer is asked for what its consumers have asked for, less what it has been
 * asked for already and what is in its buffer.
 *
 * <p>Invariant S4: whom it monitors has a subscription with it, or was monitored by its code.
 */
@BehaviourName("gen_stage")
final class StageServer
    implements ArgsGenServer<StageServer.Args, StageMessage, Opaque<StageServer.Book>> {

  static final StageServer INSTANCE = new StageServer();

  private StageServer() {}

  record Args(Opaque<Stage<?, ?, ?, ?>> stage, Object args) {}

  /** The state of one stage, which its process alone uses. */
  static final class Book {
    final Stage<Object, Object, Object, Object> stage;
    final StageOptions options;
    final Dispatch dispatch;
    final Intake intake = new Intake();
    final ArrayDeque<Object> buffer = new ArrayDeque<>();

    Object state;

    /** What the code was asked for and has not emitted. */
    long asked;

    long dropped;
    @Nullable ExitReason stop;

    Book(Stage<Object, Object, Object, Object> stage, Object state) {
      this.stage = stage;
      this.options = stage.options();
      this.dispatch = new Dispatch(options.dispatcher());
      this.state = state;
    }

    boolean isProducer() {
      return stage instanceof Producer;
    }

    boolean isConsumer() {
      return stage instanceof Consumer;
    }
  }

  @Override
  @SuppressWarnings("unchecked") // what it is started with is what its factory took
  public Opaque<Book> init(Args args, Self<StageMessage> self) throws Exception {
    var stage = (Stage<Object, Object, Object, Object>) args.stage().value();
    var book = new Book(stage, stage.init(args.args(), self));
    for (StageOptions.SubscribeTo to : book.options.subscribeTo()) {
      Pid producer = self.runtime().whereis(to.producer()).orElse(null);
      subscribe(producer, to.options(), book, self);
    }
    ExitReason end = work(book, self);
    if (end != null) {
      throw io.otp.server.Init.stop(end);
    }
    return Opaque.of(book);
  }

  @Override
  public Next<Opaque<Book>> handle(
      StageMessage message, Opaque<Book> state, Self<StageMessage> self) throws Exception {
    Book book = state.value();
    switch (message) {
      case StageMessage.Subscribe(var tag, var consumer, var partition) -> {
        String whyNot = book.dispatch.whyNot(partition);
        if (whyNot == null) {
          Ref monitor = self.monitor(consumer);
          book.dispatch.add(new Dispatch.Target(tag, consumer, monitor, partition));
        } else {
          tell(consumer, new StageMessage.Refused(tag, ExitReason.other(whyNot)), self);
        }
      }
      case StageMessage.Ask(var tag, var demand) -> book.dispatch.ask(tag, demand);
      case StageMessage.Leave(var tag) -> {
        Dispatch.Target left = book.dispatch.remove(tag);
        if (left != null) {
          self.demonitorFlush(left.monitor);
        }
      }
      case StageMessage.Events(var tag, var events) -> book.intake.put(tag, events);
      case StageMessage.Refused(var tag, var reason) -> unsubscribe(tag, reason, book, self);
      case StageMessage.SubscribeTo to ->
          self.from(to)
              .reply(
                  book.isProducer()
                      ? Optional.empty()
                      : Optional.of(subscribe(to.producer(), to.options(), book, self)));
      case StageMessage.Cancel cancel ->
          self.from(cancel).reply(unsubscribe(cancel.tag(), ExitReason.NORMAL, book, self));
      case StageMessage.GetStatus status ->
          self.from(status)
              .reply(
                  new StageStatus(
                      book.dispatch.size(),
                      book.dispatch.demand(),
                      book.buffer.size(),
                      book.dropped,
                      book.intake.size(),
                      book.intake.queued()));
    }
    return next(book, state, self);
  }

  @Override
  public Next<Opaque<Book>> handleInfo(Info info, Opaque<Book> state, Self<StageMessage> self)
      throws Exception {
    Book book = state.value();
    boolean ours =
        info instanceof Down(var ref, _, var reason)
            && (book.dispatch.ended(ref) || book.intake.ended(ref, reason));
    if (!ours) {
      accept(book.stage.handleInfo(info, book.state, self), book, self);
    }
    return next(book, state, self);
  }

  private static Next<Opaque<Book>> next(Book book, Opaque<Book> state, Self<StageMessage> self)
      throws Exception {
    ExitReason end = work(book, self);
    return end == null ? Next.noreply(state) : Next.stop(end, state);
  }

  private static Ref subscribe(
      @Nullable Pid producer, SubscribeOptions options, Book book, Self<StageMessage> self) {
    if (book.isProducer()) {
      throw new IllegalStateException(
          book.stage.getClass().getName() + " is a producer and cannot subscribe");
    }
    Ref tag = Ref.create();
    if (producer == null) {
      book.intake.ended(options.cancel(), ExitReason.NO_PROCESS);
      return tag;
    }
    book.intake.add(new Intake.Source(tag, producer, self.monitor(producer), options));
    tell(producer, new StageMessage.Subscribe(tag, self.pid(), options.partition()), self);
    tell(producer, new StageMessage.Ask(tag, options.maxDemand()), self);
    return tag;
  }

  /** Whether there was such a subscription. */
  private static boolean unsubscribe(
      Ref tag, ExitReason reason, Book book, Self<StageMessage> self) {
    Intake.Source source = book.intake.remove(tag);
    if (source == null) {
      return false;
    }
    self.demonitorFlush(source.monitor);
    tell(source.producer, new StageMessage.Leave(tag), self);
    book.intake.ended(source.options.cancel(), reason);
    return true;
  }

  private static <T extends StageMessage & io.otp.process.Cast<StageMessage>> void tell(
      Pid to, T message, Self<StageMessage> self) {
    ServerRef.<StageMessage>of(self.runtime(), to).cast(message);
  }

  // --- work

  /** Does what can be done; returns the reason to end with, or null. */
  private static @Nullable ExitReason work(Book book, Self<StageMessage> self) throws Exception {
    do {
      send(book, self);
    } while (book.stop == null && (produce(book, self) || consume(book, self)));
    ExitReason end = book.stop != null ? book.stop : book.intake.end();
    return end != null && book.buffer.isEmpty() ? end : null;
  }

  private static void send(Book book, Self<StageMessage> self) {
    if (!book.buffer.isEmpty()) {
      book.dispatch.send(
          book.buffer,
          (target, events) ->
              tell(
                  target.pid,
                  new StageMessage.Events(target.tag, java.util.List.copyOf(events)),
                  self));
    }
    int more =
        book.stage instanceof ProducerConsumer ? 0 : book.buffer.size() - book.options.bufferSize();
    if (more > 0) {
      for (int i = 0; i < more; i++) {
        if (book.options.keep() == StageOptions.Keep.LAST) {
          book.buffer.removeFirst();
        } else {
          book.buffer.removeLast();
        }
      }
      book.dropped += more;
      self.runtime().report(new StageBufferReport(self.pid(), more, book.options.bufferSize()));
    }
  }

  /** Whether there is something new to send. */
  private static boolean produce(Book book, Self<StageMessage> self) throws Exception {
    if (!book.isProducer()) {
      return false;
    }
    long demand = book.dispatch.demand() - book.buffer.size() - book.asked;
    if (demand <= 0) {
      return false;
    }
    self.checkpoint();
    book.asked += demand;
    return accept(book.stage.handleDemand(demand, book.state, self), book, self);
  }

  /** Whether something was handled. */
  private static boolean consume(Book book, Self<StageMessage> self) throws Exception {
    if (!book.isConsumer() && book.dispatch.demand() <= book.buffer.size()) {
      return false; // nobody wants what would become of it
    }
    Intake.Taken taken = book.intake.take();
    if (taken == null) {
      return false;
    }
    self.checkpoint();
    @SuppressWarnings("unchecked") // what is sent to it is what its subscription took
    var events = (java.util.List<Object>) taken.events();
    accept(book.stage.handleEvents(events, book.state, self), book, self);
    Intake.Source source = taken.source();
    if (taken.ask() > 0 && source != null) {
      tell(source.producer, new StageMessage.Ask(source.tag, taken.ask()), self);
    }
    return true;
  }

  /** Whether it emits anything. */
  private static boolean accept(Emit<Object, Object> emit, Book book, Self<StageMessage> self) {
    book.state = emit.state();
    if (book.isConsumer() && !emit.events().isEmpty()) {
      throw new IllegalStateException(
          book.stage.getClass().getName() + " is a consumer and cannot emit events");
    }
    book.asked = Math.max(0, book.asked - emit.events().size());
    book.buffer.addAll(emit.events());
    if (emit.stop() != null && book.stop == null) {
      book.stop = emit.stop();
    }
    return !emit.events().isEmpty();
  }

  @Override
  public Status formatStatus(Status status) {
    return status.state() instanceof Opaque<?> opaque && opaque.value() instanceof Book book
        ? status.withState(book.state)
        : status;
  }
}
