package io.otp.load;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Ref;

/** What a regulator is asked. */
sealed interface RegulatorMessage {

  /**
   * @param arrived when the question was asked: the time in the regulator's mailbox counts
   */
  record Ask(Ref ticket, long arrived)
      implements RegulatorMessage, Call<RegulatorMessage, Admission> {}

  /** The place is free again; also of one that gave up, whether it was admitted or not. */
  record Done(Ref ticket) implements RegulatorMessage, Cast<RegulatorMessage> {}

  /** There may be a token. */
  record Tick() implements RegulatorMessage, Cast<RegulatorMessage> {}

  record GetStatus() implements RegulatorMessage, Call<RegulatorMessage, RegulatorStatus> {}
}
