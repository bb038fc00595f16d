package io.otp.event;

import io.otp.process.Call;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.Self;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last events, as many as it is told, and shows them when asked. A ring that takes the
 * place of another by a swap goes on with what that one kept.
 *
 * {@snippet :
 * manager.addHandler(RingHandler.INSTANCE, new RingHandler.Size(100));
 * List<Object> last = manager.call(HandlerId.of(RingHandler.class), RingHandler.LAST).orElseThrow();
 * }
 */
public final class RingHandler implements EventHandler<RingHandler.Size, Object, RingHandler.Ring> {

  /** The handler; it holds nothing. */
  public static final RingHandler INSTANCE = new RingHandler();

  /** Asks for all that are kept, the oldest first. */
  public static final Last LAST = new Last(Integer.MAX_VALUE);

  /**
   * How many events are kept.
   *
   * @param events at least 1
   */
  public record Size(int events) {

    /** Checks the size. */
    public Size {
      if (events < 1) {
        throw new IllegalArgumentException(
            "A ring of " + events + " events is not possible, it must be at least 1");
      }
    }
  }

  /**
   * Asks for the newest of what is kept, the oldest of them first.
   *
   * @param most how many, at most
   */
  public record Last(int most) implements Call<RingHandler, List<Object>> {}

  /** An event and those before it. Never changed; what it holds was looked at when it was sent. */
  @Immutable
  private static final class Link {
    final Object event;
    final @Nullable Link before;

    Link(Object event, @Nullable Link before) {
      this.event = event;
      this.before = before;
    }
  }

  /**
   * What is kept: a list from the newest back. It grows to twice its size and is cut in half then,
   * so that an event costs the same however many are kept.
   */
  @Immutable
  public static final class Ring {
    private final int size;
    private final int length;
    private final @Nullable Link newest;

    private Ring(int size, int length, @Nullable Link newest) {
      this.size = size;
      this.length = length;
      this.newest = newest;
    }

    private Ring with(Object event) {
      return length < 2L * size - 1
          ? new Ring(size, length + 1, new Link(event, newest))
          : of(size, last(size - 1)).with(event);
    }

    private static Ring of(int size, List<Object> events) {
      Link newest = null;
      for (Object event : events) {
        newest = new Link(event, newest);
      }
      return new Ring(size, events.size(), newest);
    }

    private List<Object> last(int most) {
      var events = new ArrayList<Object>();
      Link link = newest;
      for (int left = Math.min(most, size); link != null && left > 0; left--) {
        events.add(link.event);
        link = link.before;
      }
      Collections.reverse(events);
      return Collections.unmodifiableList(events);
    }

    @Override
    public String toString() {
      return last(Integer.MAX_VALUE).toString();
    }
  }

  private RingHandler() {}

  @Override
  public Ring init(Size size, Self<Object> self) {
    return new Ring(size.events(), 0, null);
  }

  @Override
  public Ring takeOver(HandlerEnd predecessor, Size size, Self<Object> self) {
    return predecessor instanceof HandlerEnd.Result(Ring ring)
        ? Ring.of(size.events(), ring.last(size.events()))
        : init(size, self);
  }

  @Override
  public Handled<Ring> handleEvent(Object event, Ring ring, Self<Object> self) {
    return Handled.ok(ring.with(event));
  }

  @Override
  public Handled<Ring> handleCall(Call<?, ?> query, Ring ring, Self<Object> self) throws Exception {
    return query instanceof Last last
        ? Handled.reply(last, List.copyOf(ring.last(last.most())), ring)
        : EventHandler.super.handleCall(query, ring, self);
  }

  /** Infos are no events: they are passed over without a warning. */
  @Override
  public Handled<Ring> handleInfo(Info info, Ring ring, Self<Object> self) {
    return Handled.ok(ring);
  }

  /** Returns what it kept, for the ring that takes its place. */
  @Override
  public Object terminate(TerminateReason reason, Ring ring, Self<Object> self) {
    return ring;
  }
}
