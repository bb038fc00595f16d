package io.otp.event;

import io.otp.process.Immutable;
import java.util.Objects;

/**
 * A handler to be added: its code, its arguments, and what it is addressed by.
 *
 * {@snippet :
 * manager.addHandler(HandlerSpec.of(tally, NoArgs.NO_ARGS).withId("berlin"));
 * }
 *
 * @param <E> the events of the manager
 */
@Immutable
public final class HandlerSpec<E> {

  private final HandlerId<?> id;
  private final EventHandler<Object, Object, Object> handler;
  private final Object args;

  @SuppressWarnings("unchecked") // `of` takes no arguments but those of the handler
  private HandlerSpec(HandlerId<?> id, EventHandler<?, ?, ?> handler, Object args) {
    this.id = id;
    this.handler = (EventHandler<Object, Object, Object>) handler;
    this.args = args;
  }

  /**
   * A handler that is addressed by its class.
   *
   * @param handler its callbacks, usually a bean
   * @param args what {@code init} gets; immutable
   */
  public static <A, E> HandlerSpec<E> of(EventHandler<A, ? super E, ?> handler, A args) {
    return new HandlerSpec<>(
        new HandlerId<>(handler.getClass(), null),
        handler,
        Objects.requireNonNull(args, "args; NoArgs.NO_ARGS is there for handlers that take none"));
  }

  /**
   * With an id, to tell it apart from others of its class.
   *
   * @param id immutable
   */
  public HandlerSpec<E> withId(Object id) {
    return new HandlerSpec<>(
        new HandlerId<>(this.id.module(), Objects.requireNonNull(id, "id")), handler, args);
  }

  /**
   * Addressed by another class than that of its code: its superclass or an interface. For code that
   * is a proxy.
   *
   * @throws IllegalArgumentException if the code is not of that class
   */
  public HandlerSpec<E> addressedAs(Class<? extends EventHandler<?, ?, ?>> module) {
    if (!module.isInstance(handler)) {
      throw new IllegalArgumentException(
          "A handler of "
              + handler.getClass().getName()
              + " cannot be addressed as "
              + module.getName()
              + ", which it is not. Give its own class, a superclass or an interface of it.");
    }
    return new HandlerSpec<>(new HandlerId<>(module, id.id()), handler, args);
  }

  /** What it is addressed by. */
  public HandlerId<?> id() {
    return id;
  }

  /** What {@code init} gets. */
  public Object args() {
    return args;
  }

  EventHandler<Object, Object, Object> handler() {
    return handler;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HandlerSpec<?> spec
        && id.equals(spec.id)
        && handler.equals(spec.handler)
        && args.equals(spec.args);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, args);
  }

  @Override
  public String toString() {
    return "HandlerSpec[" + id + "]";
  }
}
