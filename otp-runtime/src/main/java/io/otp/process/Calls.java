package io.otp.process;

import io.otp.process.ProcessRuntime.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The ways to ask a process and get an answer: wait for it, get a future, get a message, ask many.
 * The request itself is a {@link Request}; this is what its caller does.
 */
final class Calls {

  private final ProcessRuntime runtime;
  private final Immutability immutability;
  private final Instruments instruments;
  private final Predicate<Thread> mayBlock;

  /** Futures are completed here: what hangs on them must not run on a server's thread. */
  private final Executor completions;

  Calls(
      ProcessRuntime runtime,
      Immutability immutability,
      Instruments instruments,
      Predicate<Thread> mayBlock,
      Executor completions) {
    this.runtime = runtime;
    this.immutability = immutability;
    this.instruments = instruments;
    this.mayBlock = mayBlock;
    this.completions = completions;
  }

  /** See {@link ProcessRuntime#call}. */
  Object call(Address to, Object message, @Nullable Duration timeout) {
    if (timeout != null) {
      checkTimeout(timeout);
    }
    MessageContext.CallInProgress followed = instruments.begin(to, message);
    if (followed == null) {
      return call(to, message, timeout, instruments.capture());
    }
    ExitReason failure = ExitReason.KILLED;
    try {
      Object reply = call(to, message, timeout, followed.captured());
      failure = null;
      return reply;
    } catch (RuntimeException e) {
      failure = Instruments.reasonOf(e);
      throw e;
    } finally {
      instruments.ended(followed, failure);
    }
  }

  private Object call(
      Address to, Object message, @Nullable Duration timeout, @Nullable Object context) {
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      checkMayBlock(self, "call", to);
      immutability.checkMessage(message);
      Process server = to.target.resolve(runtime);
      Carried carried = instruments.carry(message, context, seat);
      if (!instruments.isSampling()) {
        return call(to.target, server, message, timeout, seat, self, carried);
      }
      BehaviourCounters counters =
          server == null ? null : runtime.countersOf(server); // before it ends
      try {
        Object reply = call(to.target, server, message, timeout, seat, self, carried);
        instruments.called(counters, carried, null);
        return reply;
      } catch (CallException e) {
        instruments.called(counters, carried, e);
        throw e;
      }
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  private static void checkTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "A call timeout of " + timeout + " is not allowed, it must not be negative");
    }
  }

  void checkMayBlock(@Nullable Process self, String what, Object to) {
    if (self == null && !mayBlock.test(Thread.currentThread())) {
      throw new IllegalStateException(
          "A "
              + what
              + " to "
              + to
              + " would block thread '"
              + Thread.currentThread().getName()
              + "', which must not block. Use callAsync, which returns a CompletionStage, or move"
              + " the call to a thread that may.");
    }
  }

  private Object call(
      Request.Target target,
      @Nullable Process server,
      Object message,
      @Nullable Duration given,
      @Nullable Seat seat,
      @Nullable Process self,
      @Nullable Carried carried) {
    Duration timeout = given == null ? ProcessRuntime.CALL_TIMEOUT : given;
    if (server == null) {
      throw CallException.of(ExitReason.NO_PROCESS, target, message, given, timeout);
    }
    if (server == self) {
      throw CallException.of(ExitReason.CALLING_SELF, target, message, given, timeout);
    }
    var request = new Request.Blocking(message, self);
    request.carried = carried;
    boolean dying =
        !server.isAlive(); // then it is not its reason that ends this call: it was gone before
    Duration left = timeout;
    if (server.blocksSenders()) {
      left = deliver(request, server, seat, timeout);
    } else {
      server.deliver(request, seat);
    }
    if (!request.isDecided()) {
      boolean decided =
          self != null && seat != null
              ? self.awaitDecision(seat, request, runtime.deadline(left))
              : await(request, left);
      if (!decided && request.giveUp()) {
        if (self != null) {
          self.killedCheck();
        }
        throw CallException.of(ExitReason.TIMEOUT, target, message, given, timeout);
      }
    }
    if (self != null) {
      self.killedCheck();
    }
    Object outcome = Objects.requireNonNull(request.outcome());
    if (outcome instanceof Request.Failure failure) {
      throw CallException.of(
          dying ? ExitReason.NO_PROCESS : failure.reason(), target, message, given, timeout);
    }
    Tracing tracing = runtime.tracing;
    if (tracing != null && self != null) {
      tracing.tell(self, Tracer.Kind.RECEIVE, server, outcome);
    }
    return outcome;
  }

  /**
   * Delivers where that may take long, within the time that the call has, and returns what is left
   * of it.
   */
  private static Duration deliver(
      Request request, Process server, @Nullable Seat seat, Duration timeout) {
    long begin = System.nanoTime();
    server.deliver(
        request,
        seat,
        timeout.getSeconds() > 100L * 365 * 24 * 3600 ? Long.MAX_VALUE : timeout.toNanos());
    Duration left = timeout.minusNanos(System.nanoTime() - begin);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Waits on a thread that is no process. */
  static boolean await(Request request, Duration timeout) {
    long nanos = timeout.getSeconds() > 100L * 365 * 24 * 3600 ? Long.MAX_VALUE : timeout.toNanos();
    long start = System.nanoTime();
    while (!request.isDecided()) {
      long left = nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      LockSupport.parkNanos(request, left);
      if (Thread.interrupted()) {
        boolean gaveUp = request.giveUp();
        Thread.currentThread().interrupt();
        if (gaveUp) {
          throw new CancellationException(
              "Thread '"
                  + Thread.currentThread().getName()
                  + "' was interrupted while it waited for a reply");
        }
      }
    }
    return true;
  }

  /** See {@link ProcessRuntime#callAsync}. */
  CompletionStage<Object> callAsync(Address to, Object message, @Nullable Duration timeout) {
    MessageContext.CallInProgress followed = instruments.begin(to, message);
    Object context = followed == null ? instruments.capture() : followed.captured();
    try {
      return callAsync(to, message, timeout, context, followed);
    } catch (RuntimeException | Error e) {
      if (followed != null) {
        instruments.ended(followed, Instruments.reasonOf(e));
      }
      throw e;
    }
  }

  private CompletionStage<Object> callAsync(
      Address to,
      Object message,
      @Nullable Duration timeout,
      @Nullable Object context,
      MessageContext.@Nullable CallInProgress followed) {
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      immutability.checkMessage(message);
      Duration longest = timeout == null ? ProcessRuntime.CALL_TIMEOUT : timeout;
      var request = new Request.Async(message, self, completions, to.target);
      request.carried = instruments.carry(message, context, seat);
      Process server = to.target.resolve(runtime);
      if (followed != null || instruments.isSampling()) {
        BehaviourCounters counters = server == null ? null : runtime.countersOf(server);
        instruments.follow(request.future, counters, request.carried, followed);
      }
      if (server == null || server == self) {
        request.fail(server == null ? ExitReason.NO_PROCESS : ExitReason.CALLING_SELF);
        return request.future;
      }
      var alarm =
          new TimerWheel.Timer() {
            @Override
            protected void expire() {
              if (request.giveUp()) {
                completions.execute(
                    () ->
                        request.future.completeExceptionally(
                            CallException.of(
                                ExitReason.TIMEOUT, to.target, message, timeout, longest)));
              }
            }
          };
      runtime.timers().schedule(alarm, runtime.deadline(longest));
      request.future.whenComplete((reply, error) -> runtime.timers().cancel(alarm));
      server.deliver(request, seat, 0); // asynchronous: it does not wait for room either
      return request.future;
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  /** See {@link ProcessRuntime#sendRequest}. */
  Ref sendRequest(Address to, Object message) {
    Object context = instruments.capture();
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      if (self == null) {
        throw new IllegalStateException(
            "sendRequest was called by thread '"
                + Thread.currentThread().getName()
                + "', which runs no process and has no mailbox for the response. Use callAsync.");
      }
      immutability.checkMessage(message);
      var request = new Request.Notifying(message, self);
      request.carried = instruments.carry(message, context, seat);
      Process server = to.target.resolve(runtime);
      if (server == null) {
        request.fail(ExitReason.NO_PROCESS);
      } else {
        server.deliver(request, seat);
      }
      return request.id;
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  /** See {@link ProcessRuntime#multiCall}. */
  List<Optional<Object>> multiCall(List<Address> to, Object message, Duration timeout) {
    checkTimeout(timeout);
    Object context = instruments.capture();
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      checkMayBlock(self, "multiCall", to);
      immutability.checkMessage(message);
      long deadline = runtime.deadline(timeout);
      var requests = new ArrayList<Request>(to.size());
      for (Address address : to) {
        var request = new Request.Blocking(message, self);
        request.carried = instruments.carry(message, context, seat);
        requests.add(request);
        Process server = address.target.resolve(runtime);
        if (server == null || server == self) {
          request.fail(server == null ? ExitReason.NO_PROCESS : ExitReason.CALLING_SELF);
        } else {
          server.deliver(request, seat);
        }
      }
      return collect(requests, deadline, seat, self);
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  private List<Optional<Object>> collect(
      List<Request> requests, long deadline, @Nullable Seat seat, @Nullable Process self) {
    var replies = new ArrayList<Optional<Object>>(requests.size());
    try {
      for (Request request : requests) {
        if (!request.isDecided()) {
          if (self != null && seat != null) {
            self.awaitDecision(seat, request, deadline);
          } else {
            await(request, runtime.left(deadline));
          }
        }
        Object outcome = request.outcome();
        replies.add(
            outcome == null || outcome instanceof Request.Failure
                ? Optional.empty()
                : Optional.of(outcome));
      }
    } finally {
      requests.forEach(Request::giveUp);
    }
    if (self != null) {
      self.killedCheck();
    }
    return replies;
  }

  /** Answers a call for {@link From}. */
  void reply(Request request, Object reply) {
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      immutability.checkMessage(reply);
      request.reply(reply);
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  /** A system message; passes every bound. */
  Object systemCall(Pid pid, SystemMessage message, Duration timeout) {
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      checkMayBlock(self, "system message", pid);
      Process server = (Process) pid;
      var target = new Request.Target.ByPid(server);
      if (server == self) {
        throw CallException.of(ExitReason.CALLING_SELF, target, message, null, timeout);
      }
      var request = new Request.Blocking(message, self);
      server.deliverAnyway(request);
      boolean decided =
          request.isDecided()
              || (self != null && seat != null
                  ? self.awaitDecision(seat, request, runtime.deadline(timeout))
                  : await(request, timeout));
      if (!decided && request.giveUp()) {
        if (self != null) {
          self.killedCheck();
        }
        throw CallException.of(ExitReason.TIMEOUT, target, message, null, timeout);
      }
      if (self != null) {
        self.killedCheck();
      }
      Object outcome = Objects.requireNonNull(request.outcome());
      if (outcome instanceof Request.Failure failure) {
        throw CallException.of(failure.reason(), target, message, null, timeout);
      }
      return outcome;
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }
}
