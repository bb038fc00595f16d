package io.otp.load;

/**
 * What a regulator is doing. The three counters begin anew when it is restarted.
 *
 * @param active how many have a place; 0 for one without a limit, which knows of no places
 * @param waiting how many wait for one
 * @param admitted how many were admitted
 * @param rejected how many were refused
 * @param gaveUp how many did not want to wait any longer, or ended
 */
public record RegulatorStatus(int active, int waiting, long admitted, long rejected, long gaveUp) {}
