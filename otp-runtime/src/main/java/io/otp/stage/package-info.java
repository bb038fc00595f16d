/**
 * Stages that produce and consume events by demand: GenStage's contract. A consumer asks its
 * producers for so many events, and never gets more, so that a slow one slows down those before it
 * and nothing piles up between them. A stage is also a {@link java.util.concurrent.Flow} publisher
 * or subscriber, and so one of Reactor.
 */
@NullMarked
package io.otp.stage;

import org.jspecify.annotations.NullMarked;
