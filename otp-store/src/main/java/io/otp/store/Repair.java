package io.otp.store;

/** What is done at the opening of a store that was not closed: option {@code repair} of dets. */
public enum Repair {
  /** It is repaired, and that is logged; nothing that was synced is given up. The default. */
  AUTO,
  /** It is refused with {@link StoreException.Reason#NEEDS_REPAIR}. */
  REFUSE,
  /**
   * Every object is read and checked even if the store was closed; where it is damaged, the newest
   * state that can be read is taken, however old it is.
   */
  FORCE
}
