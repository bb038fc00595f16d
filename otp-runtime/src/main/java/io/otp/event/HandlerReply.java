package io.otp.event;

import io.otp.process.ExitReason;
import io.otp.process.ProcessExit;

/**
 * What a call to a handler came to. That a handler fails is no failure of the caller, so it is a
 * value.
 *
 * {@snippet :
 * long cents =
 *     switch (manager.call(HandlerId.of(Tally.class), new Tally.Total())) {
 *       case HandlerReply.Reply(var total) -> total;
 *       case HandlerReply.NotFound<Long> _ -> 0;
 *       case HandlerReply.Failed(var failure) -> throw new IllegalStateException("lost: " + failure);
 *     };
 * }
 *
 * @param <R> the reply
 */
public sealed interface HandlerReply<R> {

  /**
   * It answered.
   *
   * @param value the reply
   */
  record Reply<R>(R value) implements HandlerReply<R> {}

  /** There is no such handler: <code>{error, bad_module}</code>. */
  record NotFound<R>() implements HandlerReply<R> {}

  /**
   * It failed and has been removed: <code>{error, {'EXIT', Reason}}</code> or <code>{error, Bad}
   * </code>.
   *
   * @param failure how
   */
  record Failed<R>(HandlerFailure failure) implements HandlerReply<R> {}

  /**
   * The reply, for callers to whom everything else is a failure.
   *
   * @throws ProcessExit if there is none, with the reason of the failure
   */
  default R orElseThrow() {
    return switch (this) {
      case Reply(var value) -> value;
      case NotFound<R> _ -> throw new ProcessExit(ExitReason.other("bad_module"));
      case Failed(HandlerFailure.Crashed(var reason)) -> throw new ProcessExit(reason);
      case Failed(HandlerFailure.BadReturn bad) -> throw new ProcessExit(ExitReason.other(bad));
    };
  }
}
