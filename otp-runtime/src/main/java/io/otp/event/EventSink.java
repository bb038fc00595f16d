package io.otp.event;

import java.io.Closeable;
import java.io.IOException;

/**
 * Somewhere outside that events are written to: a file, a queue, a socket. Opened by an {@link
 * EventSinkProvider}, used by one {@link SinkHandler} in the process of its manager, one call at a
 * time.
 */
public interface EventSink extends Closeable {

  /**
   * Writes an event. The manager handles nothing else meanwhile.
   *
   * @throws Exception the handler is removed, the sink is closed, and a report says why
   */
  void write(Object event) throws Exception;

  /** Writes what is still to be written and gives back what is open. */
  @Override
  void close() throws IOException;
}
