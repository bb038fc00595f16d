package io.otp.event;

import io.otp.process.Info;
import io.otp.process.Opaque;
import io.otp.process.Self;
import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;

/**
 * Writes every event to a sink outside, which is found by the scheme of its URI, see {@link
 * EventSinkProvider}. A write that fails removes the handler; the sink is closed when the handler
 * goes, unless its manager was killed.
 *
 * {@snippet :
 * manager.addHandler(new SinkHandler(), URI.create("queue://broker/sales"));
 * }
 *
 * <p>A sink that is slow holds up its manager. Then give it a manager of its own, and the first one
 * a {@link ForwardHandler} whose receiver notifies the second.
 */
public final class SinkHandler implements EventHandler<URI, Object, Opaque<EventSink>> {

  private final Map<String, EventSinkProvider> providers;

  /** With the providers that the class loader of this thread finds, now. */
  public SinkHandler() {
    this(ServiceLoader.load(EventSinkProvider.class).stream().map(p -> p.get()).toList());
  }

  /**
   * With these providers.
   *
   * @throws IllegalArgumentException if two of them have one scheme
   */
  public SinkHandler(Collection<? extends EventSinkProvider> providers) {
    var byScheme = new HashMap<String, EventSinkProvider>();
    for (EventSinkProvider provider : providers) {
      EventSinkProvider other = byScheme.put(provider.scheme(), provider);
      if (other != null) {
        throw new IllegalArgumentException(
            "Two providers open '"
                + provider.scheme()
                + "' sinks: "
                + other.getClass().getName()
                + " and "
                + provider.getClass().getName()
                + ". Remove one from the class path.");
      }
    }
    this.providers = Map.copyOf(byScheme);
  }

  @Override
  public Opaque<EventSink> init(URI uri, Self<Object> self) throws Exception {
    String scheme = uri.getScheme();
    EventSinkProvider provider = scheme == null ? null : providers.get(scheme);
    if (provider == null) {
      throw Refuse.with(
          "No provider opens sinks like '"
              + uri
              + "'. Known schemes: "
              + new TreeSet<>(providers.keySet())
              + ". Add the jar whose EventSinkProvider opens it.");
    }
    return Opaque.of(provider.open(uri));
  }

  @Override
  public Handled<Opaque<EventSink>> handleEvent(
      Object event, Opaque<EventSink> sink, Self<Object> self) throws Exception {
    sink.value().write(event);
    return Handled.ok(sink);
  }

  /** Infos are no events: they are passed over without a warning. */
  @Override
  public Handled<Opaque<EventSink>> handleInfo(
      Info info, Opaque<EventSink> sink, Self<Object> self) {
    return Handled.ok(sink);
  }

  @Override
  public Object terminate(TerminateReason reason, Opaque<EventSink> sink, Self<Object> self)
      throws Exception {
    sink.value().close();
    return "closed";
  }
}
