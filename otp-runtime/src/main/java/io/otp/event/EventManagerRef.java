package io.otp.event;

import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServers;
import io.otp.server.RequestId;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * How others talk to an event manager. One that names it goes on working when the manager is
 * restarted; one that holds its pid addresses that process and no later one.
 *
 * {@snippet :
 * sales.notify(new Sale("tea", 300));
 * long cents = sales.call(HandlerId.of(Tally.class), new Tally.Total()).orElseThrow();
 * }
 *
 * <p>Whatever waits for the manager waits until it has handled everything that was sent to it
 * before. Calls to a handler and {@link #syncNotify} do so for 5 seconds; adding, deleting,
 * swapping and listing handlers, as in OTP, as long as it takes. All of them throw {@link
 * CallException} when there is no manager or it ends meanwhile, as {@link ServerRef#call(Call,
 * Duration)} says.
 *
 * @param <E> its events
 */
public final class EventManagerRef<E> {

  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  private final ProcessRuntime runtime;
  private final ServerRef<ManagerMessage> ref;
  private final @Nullable String name;
  private final @Nullable Pid pid;

  private EventManagerRef(
      ProcessRuntime runtime,
      ServerRef<ManagerMessage> ref,
      @Nullable String name,
      @Nullable Pid pid) {
    this.runtime = runtime;
    this.ref = ref;
    this.name = name;
    this.pid = pid;
  }

  /** The manager that has {@code name} whenever something is sent to it. */
  public static <E> EventManagerRef<E> of(ProcessRuntime runtime, String name) {
    return new EventManagerRef<>(runtime, ServerRef.of(runtime, name), name, null);
  }

  /** The manager that is {@code pid}. */
  public static <E> EventManagerRef<E> of(ProcessRuntime runtime, Pid pid) {
    return new EventManagerRef<>(runtime, ServerRef.of(runtime, pid), null, pid);
  }

  // --- events

  /**
   * Sends an event and returns at once. Nothing happens if the manager is addressed by its pid and
   * gone.
   *
   * @param event immutable
   * @throws io.otp.process.NoSuchNameException if the manager is addressed by name and nobody has
   *     it
   * @throws io.otp.process.MutableMessageException if the event cannot be shown immutable
   * @throws io.otp.process.MailboxFullException if the manager's mailbox is bounded, full, and its
   *     policy refuses
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#notify/2">gen_event:notify/2</a>
   */
  public void notify(E event) {
    var message = new ManagerMessage.Notify(event);
    if (pid != null) {
      runtime.send(pid, message);
    } else if (name != null) {
      runtime.send(name, message);
    }
  }

  /**
   * Sends an event and waits up to 5 seconds until every handler has handled it.
   *
   * <p>Unlike OTP, which waits for ever; see {@link #syncNotify(Object, Duration)}.
   */
  public void syncNotify(E event) {
    ref.call(new ManagerMessage.SyncNotify(event));
  }

  /**
   * Sends an event and waits until every handler has handled it.
   *
   * @param timeout longest wait; handlers handle the event all the same
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#sync_notify/2">gen_event:sync_notify/2</a>
   */
  public void syncNotify(E event, Duration timeout) {
    ref.call(new ManagerMessage.SyncNotify(event), timeout);
  }

  // --- calls

  /** Asks one handler and waits up to 5 seconds; see {@link #call(HandlerId, Call, Duration)}. */
  @SuppressWarnings("unchecked") // a handler can answer a Call<H, R> only with an R
  public <H, R> HandlerReply<R> call(HandlerId<H> handler, Call<H, R> query) {
    return (HandlerReply<R>) ref.call(new ManagerMessage.CallHandler(handler, query));
  }

  /**
   * Asks one handler and waits for its answer. That there is no such handler, or that it fails, is
   * a value; that the manager does not answer is an exception.
   *
   * @param handler the one added last of those that have this id
   * @param query immutable
   * @param timeout longest wait
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#call/4">gen_event:call/4</a>
   */
  @SuppressWarnings("unchecked")
  public <H, R> HandlerReply<R> call(HandlerId<H> handler, Call<H, R> query, Duration timeout) {
    return (HandlerReply<R>) ref.call(new ManagerMessage.CallHandler(handler, query), timeout);
  }

  /** Asks one handler without waiting; see {@link ServerRef#callAsync(Call)}. */
  @SuppressWarnings("unchecked")
  public <H, R> CompletionStage<HandlerReply<R>> callAsync(HandlerId<H> handler, Call<H, R> query) {
    return ref.callAsync(new ManagerMessage.CallHandler(handler, query))
        .thenApply(reply -> (HandlerReply<R>) reply);
  }

  /**
   * Asks one handler and returns at once; the answer is waited for with what this returns. See
   * {@link ServerRef#sendRequest}.
   *
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#send_request/3">gen_event:send_request/3</a>
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public <H, R> RequestId<HandlerReply<R>> sendRequest(
      Self<?> self, HandlerId<H> handler, Call<H, R> query) {
    return (RequestId) ref.sendRequest(self, new ManagerMessage.CallHandler(handler, query));
  }

  // --- handlers

  /**
   * Adds a handler that is addressed by its class; see {@link #addHandler(HandlerSpec)}.
   *
   * @param args what its {@code init} gets; immutable
   */
  public <A> AddResult addHandler(EventHandler<A, ? super E, ?> handler, A args) {
    return addHandler(HandlerSpec.<A, E>of(handler, args));
  }

  /**
   * Adds a handler, in front of those that are there. Another one of the same id stays; from now on
   * the new one is meant by it.
   *
   * @throws io.otp.process.MutableMessageException if its arguments cannot be shown immutable
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#add_handler/3">gen_event:add_handler/3</a>
   */
  public AddResult addHandler(HandlerSpec<? super E> handler) {
    return ref.call(new ManagerMessage.Add(checked(handler), null, false), INFINITY);
  }

  /** Adds a handler unless there is one of its id. OTP has no such thing. */
  public AddResult addHandlerIfAbsent(HandlerSpec<? super E> handler) {
    return ref.call(new ManagerMessage.Add(checked(handler), null, true), INFINITY);
  }

  /**
   * Adds a handler that the calling process supervises: the two processes are linked, the handler
   * goes when the process ends or sends an exit signal, and the process is sent a {@link
   * HandlerExit} when the handler goes for another reason. The link stays when the handler has
   * gone.
   *
   * <p>Unlike OTP, no link is left behind if the handler was not added.
   *
   * @param self the calling process
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#add_sup_handler/3">gen_event:add_sup_handler/3</a>
   */
  public AddResult addSupervisedHandler(Self<?> self, HandlerSpec<? super E> handler) {
    return ref.call(new ManagerMessage.Add(checked(handler), self.pid(), false), INFINITY);
  }

  /**
   * Deletes a handler; its {@code terminate} is called with {@code args}.
   *
   * @return what that returned
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#delete_handler/3">gen_event:delete_handler/3</a>
   */
  public HandlerEnd deleteHandler(HandlerId<?> handler, Object args) {
    return ref.call(new ManagerMessage.Delete(handler, args), INFINITY);
  }

  /**
   * Puts a handler in the place of another: the old one's {@code terminate} is called with {@code
   * args}, the new one's {@code takeOver} with what that returned, and no event comes in between.
   * The new one is added in front and has the old one's supervisor. If there is no old one, the new
   * one is added all the same; if the new one does not start, both are gone.
   *
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#swap_handler/3">gen_event:swap_handler/3</a>
   */
  public AddResult swapHandler(HandlerId<?> old, Object args, HandlerSpec<? super E> next) {
    return ref.call(new ManagerMessage.Swap(old, args, checked(next), null), INFINITY);
  }

  /**
   * As {@link #swapHandler}, and the calling process supervises the new handler.
   *
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_event.html#swap_sup_handler/3">gen_event:swap_sup_handler/3</a>
   */
  public AddResult swapSupervisedHandler(
      Self<?> self, HandlerId<?> old, Object args, HandlerSpec<? super E> next) {
    return ref.call(new ManagerMessage.Swap(old, args, checked(next), self.pid()), INFINITY);
  }

  /** The handlers, the one added last first, which is the order in which events visit them. */
  public List<HandlerId<?>> whichHandlers() {
    return ref.call(new ManagerMessage.WhichHandlers(), INFINITY);
  }

  /** The handlers' classes by their binary names, each once: what an upgrade asks for. */
  public List<String> modules() {
    return ref.call(new ManagerMessage.GetModules(), INFINITY);
  }

  /** A spec promises that it does not change, so nobody else looks at its arguments. */
  private HandlerSpec<?> checked(HandlerSpec<?> handler) {
    runtime.checkMessage(handler.args());
    Object id = handler.id().id();
    if (id != null) {
      runtime.checkMessage(id);
    }
    return handler;
  }

  // --- life

  /** Stops the manager with {@code normal} and waits until it has ended. */
  public void stop() {
    GenServers.stop(ref);
  }

  /**
   * Stops the manager; every handler's {@code terminate} is called with {@link
   * TerminateReason.Stopped}. See {@link GenServers#stop(ServerRef, ExitReason, Duration)}.
   */
  public void stop(ExitReason reason, Duration timeout) {
    GenServers.stop(ref, reason, timeout);
  }

  /** Sends anything else: it arrives in every handler's {@code handleInfo}. */
  public void send(Object message) {
    ref.send(message);
  }

  /** The process behind this reference now, empty if there is none. */
  public Optional<Pid> whereis() {
    return ref.whereis();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EventManagerRef<?> manager && ref.equals(manager.ref);
  }

  @Override
  public int hashCode() {
    return ref.hashCode();
  }

  @Override
  public String toString() {
    return "EventManagerRef[" + (name != null ? "'" + name + "'" : pid) + "]";
  }
}
