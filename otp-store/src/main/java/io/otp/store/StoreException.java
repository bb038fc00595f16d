package io.otp.store;

/** A store cannot be opened or used, or a codec cannot be made. */
public final class StoreException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** The file is something else: <code>not_a_dets_file</code>. It was left as it is. */
    NOT_A_STORE,
    /** The file was made by a later version. It was left as it is. */
    VERSION,
    /** It was not closed, and repair was refused: <code>needs_repair</code>. */
    NEEDS_REPAIR,
    /** It cannot be read, and repair found nothing that can. It was left as it is. */
    DAMAGED,
    /** Its keys, values or type are others than those asked for, or a type has no codec. */
    SHAPE,
    /** Another JVM or runtime has it open. */
    LOCKED,
    /** It is open with another specification. */
    INCOMPATIBLE,
    /** It has been closed. */
    CLOSED,
    /** The disk refused. */
    IO
  }

  private final Reason reason;

  StoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  StoreException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
