package io.otp.application;

import java.util.List;

/** What {@link ApplicationController#ensureAllStarted} came to. */
public sealed interface AllStarted {

  /**
   * All run.
   *
   * @param started those that did not run before, in the order in which they were started
   */
  record Started(List<String> started) implements AllStarted {

    /** Copies the list. */
    public Started {
      started = List.copyOf(started);
    }
  }

  /**
   * One did not start; those that were started for it have been stopped again.
   *
   * @param error which one, and why
   */
  record Failed(ApplicationError error) implements AllStarted {}
}
