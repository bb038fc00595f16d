package io.otp.event;

import io.otp.process.Immutable;

/**
 * Why a manager did not start: one of the handlers it was to begin with was not added. The term of
 * an {@link io.otp.process.ExitReason.Other}.
 *
 * @param handler the handler
 * @param result what came of adding it
 */
@Immutable
public record HandlerNotAdded(HandlerId<?> handler, AddResult result) {}
