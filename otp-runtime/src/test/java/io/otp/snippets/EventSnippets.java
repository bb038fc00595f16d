package io.otp.snippets;

import static io.otp.server.Next.noreply;

import io.otp.event.EventHandler;
import io.otp.event.EventManager;
import io.otp.event.EventManagerRef;
import io.otp.event.EventSink;
import io.otp.event.EventSinkProvider;
import io.otp.event.ForwardHandler;
import io.otp.event.ForwardHandler.To;
import io.otp.event.Handled;
import io.otp.event.HandlerExit;
import io.otp.event.HandlerId;
import io.otp.event.HandlerReply;
import io.otp.event.HandlerSpec;
import io.otp.event.LogHandler;
import io.otp.event.Refuse;
import io.otp.event.RingHandler;
import io.otp.event.SinkHandler;
import io.otp.event.SpoolHandler;
import io.otp.process.Call;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The examples in the Javadoc of io.otp.event, compiled. Change both together. */
final class EventSnippets {

  private EventSnippets() {}

  record Sale(String what, long cents, boolean isLast) {
    Sale(String what, long cents) {
      this(what, cents, false);
    }
  }

  /** EventHandler. */
  static final class Tally implements EventHandler<NoArgs, Sale, Long> {
    record Total() implements Call<Tally, Long> {}

    @Override
    public Long init(NoArgs args, Self<Object> self) {
      return 0L;
    }

    @Override
    public Handled<Long> handleEvent(Sale sale, Long cents, Self<Object> self) {
      return Handled.ok(cents + sale.cents());
    }

    @Override
    public Handled<Long> handleCall(Call<?, ?> query, Long cents, Self<Object> self)
        throws Exception {
      return switch (query) {
        case Total total -> Handled.reply(total, cents, cents);
        default -> EventHandler.super.handleCall(query, cents, self);
      };
    }
  }

  /** Handled. */
  static Handled<Long> untilTheLast(Sale event, Long cents) {
    return event.isLast() ? Handled.remove() : Handled.ok(cents + event.cents());
  }

  /** Refuse. */
  static void refuse(Path directory) {
    if (!Files.isWritable(directory)) {
      throw Refuse.with("not writable: " + directory);
    }
  }

  /** EventManager. */
  static EventManagerRef<Sale> start(ProcessRuntime runtime, Tally tally) {
    EventManager<Sale> sales = EventManager.named("sales");
    sales.start(runtime);
    EventManagerRef<Sale> ref = EventManagerRef.of(runtime, "sales");
    ref.addHandler(tally, NoArgs.NO_ARGS);
    ref.notify(new Sale("tea", 300));
    return ref;
  }

  /** EventManager under a supervisor. */
  static SupervisorSpec tree(Tally tally) {
    return SupervisorSpec.of(
        "shop",
        Strategy.ONE_FOR_ONE,
        EventManager.<Sale>named("sales")
            .withHandler(HandlerSpec.of(tally, NoArgs.NO_ARGS))
            .child("sales"));
  }

  /** EventManagerRef. */
  static long notifyAndCall(EventManagerRef<Sale> sales) {
    sales.notify(new Sale("tea", 300));
    long cents = sales.call(HandlerId.of(Tally.class), new Tally.Total()).orElseThrow();
    return cents;
  }

  /** HandlerId, HandlerSpec. */
  static void ids(EventManagerRef<Sale> manager, Tally tally) {
    manager.addHandler(HandlerSpec.of(tally, NoArgs.NO_ARGS).withId("berlin"));
    manager.call(HandlerId.of(Tally.class), new Tally.Total());
    manager.deleteHandler(HandlerId.of(Tally.class, "berlin"), "closed");
  }

  /** HandlerReply. */
  static long reply(EventManagerRef<Sale> manager) {
    long cents =
        switch (manager.call(HandlerId.of(Tally.class), new Tally.Total())) {
          case HandlerReply.Reply(var total) -> total;
          case HandlerReply.NotFound<Long> _ -> 0;
          case HandlerReply.Failed(var failure) ->
              throw new IllegalStateException("lost: " + failure);
        };
    return cents;
  }

  /** HandlerExit. */
  abstract static class Guard implements GenServer<Guard.Message, Integer> {
    interface Message {}

    abstract int addAgain(int state);

    @Override
    public Next<Integer> handleInfo(Info info, Integer state, Self<Message> self) throws Exception {
      return switch (info) {
        case Info.Message(HandlerExit(_, _, HandlerExit.Failed _)) -> noreply(addAgain(state));
        default -> GenServer.super.handleInfo(info, state, self);
      };
    }
  }

  /** ForwardHandler, LogHandler, RingHandler, SinkHandler, SpoolHandler. */
  static List<Object> ready(EventManagerRef<Sale> manager, Pid billing) {
    manager.addHandler(HandlerSpec.of(ForwardHandler.INSTANCE, To.pid(billing)).withId("billing"));
    manager.addHandler(LogHandler.INSTANCE, LogHandler.To.logger("shop.sales"));
    manager.addHandler(new SinkHandler(), URI.create("queue://broker/sales"));
    manager.addHandler(
        new SpoolHandler(),
        SpoolHandler.Files.of(Path.of("target", "sales.log")).rotatedAt(10_000_000, 5));
    manager.addHandler(RingHandler.INSTANCE, new RingHandler.Size(100));
    manager.notify(new Sale("tea", 300));
    List<Object> last =
        manager.call(HandlerId.of(RingHandler.class), RingHandler.LAST).orElseThrow();
    return last;
  }

  /** EventSinkProvider. */
  static final class QueueSinks implements EventSinkProvider {
    @Override
    public String scheme() {
      return "queue";
    }

    @Override
    public EventSink open(URI uri) {
      return new QueueSink(uri.getHost(), uri.getPath());
    }
  }

  record QueueSink(String host, String path) implements EventSink {
    @Override
    public void write(Object event) {}

    @Override
    public void close() {}
  }
}
