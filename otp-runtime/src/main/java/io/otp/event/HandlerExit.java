package io.otp.event;

import io.otp.process.Immutable;
import io.otp.process.Pid;
import org.jspecify.annotations.Nullable;

/**
 * A supervised handler has gone: what the process that supervises it is sent, OTP's <code>
 * {gen_event_EXIT, Handler, Reason}</code>. A server finds it in {@code handleInfo}:
 *
 * {@snippet :
 * return switch (info) {
 *   case Info.Message(HandlerExit(_, _, HandlerExit.Failed _)) -> noreply(addAgain(state));
 *   default -> GenServer.super.handleInfo(info, state, self);
 * };
 * }
 *
 * @param manager the manager, which OTP does not tell
 * @param handler the handler
 * @param cause why
 */
@Immutable
public record HandlerExit(Pid manager, HandlerId<?> handler, Cause cause) {

  /** Why a handler has gone. */
  @Immutable
  public sealed interface Cause {}

  /** It was deleted, or its callback returned {@link Handled#remove}: {@code normal}. */
  public record Normal() implements Cause {}

  /** The manager was stopped, or the supervising process sent an exit signal: {@code shutdown}. */
  public record Shutdown() implements Cause {}

  /**
   * Another handler has taken its place, or was to: <code>{swapped, NewHandler, Pid}</code>.
   *
   * @param next the other handler
   * @param supervisor the process that supervises the other, {@code null} if none does
   */
  public record Swapped(HandlerId<?> next, @Nullable Pid supervisor) implements Cause {}

  /**
   * A callback failed.
   *
   * @param failure how
   */
  public record Failed(HandlerFailure failure) implements Cause {}
}
