package io.otp.trace;

import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.Tracer.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that a process did: Erlang's trace message.
 *
 * @param number 1 for the first of the session, then one more each
 * @param at when, since the session began; never goes back
 * @param pid the process
 * @param name its name or label, {@code null} if it has none
 * @param kind what it did
 * @param subject whom or what that has to do with: of {@code SEND} the receiver, of {@code RECEIVE}
 *     the caller or the server that replied, of {@code CALL} the callback, of {@code REGISTER} the
 *     name, of {@code LINK} and its kin the other process; {@code null} if there is nothing to say
 * @param content the message, argument, result or reason as the session shows it, {@code null} if
 *     there is none
 */
@Immutable
public record TraceEvent(
    long number,
    Duration at,
    Pid pid,
    @Nullable String name,
    Kind kind,
    @Nullable String subject,
    @Nullable String content) {}
