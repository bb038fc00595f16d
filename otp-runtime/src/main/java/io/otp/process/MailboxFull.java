package io.otp.process;

/**
 * Why a call was refused or dropped: the term of an {@link ExitReason.Other} that only calls see.
 */
record MailboxFull(int limit, Overload policy) {

  String sentence(String request) {
    return "did not get "
        + request
        + ": its mailbox is bounded to "
        + limit
        + " messages and full (overload policy "
        + policy.text()
        + "). Send less, answer overload to your own caller, or raise the bound.";
  }

  @Override
  public String toString() {
    return "mailbox_full";
  }
}
