package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of a request sent with {@link ProcessRuntime#sendRequest}, delivered like a message.
 *
 * @param id the request
 * @param reply the reply, {@code null} if there is none
 * @param error why there is no reply, {@code null} if there is one
 */
public record Response(Ref id, @Nullable Object reply, @Nullable ExitReason error)
    implements Info {}
