package io.otp.process;

/**
 * Counts of a runtime, cheap to read at any time.
 *
 * @param processes processes now
 * @param processLimit how many there may be
 * @param names registered names
 * @param timers armed timers, approximately
 * @param spawned processes started since the runtime was
 * @param exitedNormally processes that ended with {@code normal} or {@code shutdown}
 * @param exitedAbnormally processes that ended otherwise
 * @param deadLetters messages sent to processes that were gone
 * @param schedulers slots that run behaviours, by default as many as cores
 * @param busySchedulers slots in use
 * @param runQueue processes waiting for a slot, approximately
 * @param workers threads that run behaviours
 * @param zombies dead processes whose code has not returned yet; each holds a thread
 * @param retakenSlots how often a slot was taken away from a callback that blocked or computed
 *     while others waited
 * @param rescuedWakeUps wake-ups that were lost and found by the watchdog; anything but 0 is a bug
 *     of the runtime
 * @param slowCallbacks callbacks that ran longer than 100 ms
 * @param extraCarriers carriers added to the JVM's virtual thread scheduler because others computed
 */
public record RuntimeStats(
    int processes,
    int processLimit,
    int names,
    long timers,
    long spawned,
    long exitedNormally,
    long exitedAbnormally,
    long deadLetters,
    int schedulers,
    int busySchedulers,
    int runQueue,
    int workers,
    int zombies,
    long retakenSlots,
    long rescuedWakeUps,
    long slowCallbacks,
    int extraCarriers) {}
