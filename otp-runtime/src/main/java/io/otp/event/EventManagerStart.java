package io.otp.event;

import io.otp.process.Self;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildStart;

/**
 * Starts an event manager; what {@link EventManager#child} makes, and what tools may look into.
 *
 * @param manager the manager
 */
public record EventManagerStart(EventManager<?> manager) implements ChildStart {

  @Override
  public StartResult start(Self<Object> supervisor) {
    return manager.startLink(supervisor);
  }
}
