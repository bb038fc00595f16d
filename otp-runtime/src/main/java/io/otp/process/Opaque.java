package io.otp.process;

import java.util.Objects;

/**
 * A resource in a state: a connection, a socket, a cache, anything that is not data and changes
 * while it is used. The wrapper says that this is meant; without it such a state is refused.
 *
 * {@snippet :
 * record Link(Opaque<SocketChannel> channel, Instant since) {}
 *
 * public Link init(InetSocketAddress peer, Self<Message> self) {
 *   return new Link(Opaque.of(SocketChannel.open(peer)), Instant.now());
 * }
 * }
 *
 * <p>A message may carry one too, which is how a resource is handed to the process that owns it
 * from then on; both processes must agree that the sender stops using it.
 *
 * @param <T> the resource
 */
@Immutable
public final class Opaque<T> {

  private final T value;

  private Opaque(T value) {
    this.value = Objects.requireNonNull(value, "value");
  }

  /** Wraps {@code value}, which is not {@code null}. */
  public static <T> Opaque<T> of(T value) {
    return new Opaque<>(value);
  }

  /** The resource. */
  public T value() {
    return value;
  }

  /** Whether {@code other} wraps the very same resource. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Opaque<?> opaque && opaque.value == value;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(value);
  }

  /** Names the class of the resource and never prints its content. */
  @Override
  public String toString() {
    return "Opaque[" + value.getClass().getTypeName() + "]";
  }
}
