package io.otp.stage;

/**
 * What a stage is doing.
 *
 * @param consumers subscriptions of others to it
 * @param demand what they have asked for and not been sent
 * @param buffered events that nobody has asked for
 * @param dropped events that were dropped because the buffer was full
 * @param producers its subscriptions to others
 * @param queued events that it has been sent and not handled
 */
public record StageStatus(
    int consumers, long demand, int buffered, long dropped, int producers, int queued) {}
