package io.otp.event;

import java.net.URI;

/**
 * Opens sinks of one kind. Found with {@link java.util.ServiceLoader}: a jar names its providers in
 * {@code META-INF/services/io.otp.event.EventSinkProvider} or in its {@code module-info}.
 *
 * {@snippet :
 * public final class QueueSinks implements EventSinkProvider {
 *   public String scheme() {
 *     return "queue";
 *   }
 *
 *   public EventSink open(URI uri) {
 *     return new QueueSink(uri.getHost(), uri.getPath());
 *   }
 * }
 * }
 */
public interface EventSinkProvider {

  /** The scheme of the URIs that it opens; no other provider has it. */
  String scheme();

  /**
   * Opens a sink.
   *
   * @param uri what a {@link SinkHandler} was added with
   * @throws Exception the handler is not added
   */
  EventSink open(URI uri) throws Exception;
}
