package io.otp.event;

import io.otp.process.CallbackModule;
import io.otp.process.Immutable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a handler is addressed by: its class, or its class and an id. It need not be unique; where
 * several handlers have it, the one added last is meant.
 *
 * {@snippet :
 * manager.call(HandlerId.of(Tally.class), new Tally.Total());
 * manager.deleteHandler(HandlerId.of(Tally.class, "berlin"), "closed");
 * }
 *
 * @param module the handler's class
 * @param id tells handlers of one class apart, immutable; {@code null} for none
 * @param <H> the handler
 */
@Immutable
public record HandlerId<H>(Class<H> module, @Nullable Object id) {

  /** Checks that there is a class. */
  public HandlerId {
    Objects.requireNonNull(module, "module");
  }

  /** The handler of this class that was added without an id. */
  public static <H extends EventHandler<?, ?, ?>> HandlerId<H> of(Class<H> module) {
    return new HandlerId<>(module, null);
  }

  /** The handler of this class that was added with {@code id}. */
  public static <H extends EventHandler<?, ?, ?>> HandlerId<H> of(Class<H> module, Object id) {
    return new HandlerId<>(module, Objects.requireNonNull(id, "id"));
  }

  /** {@code Tally}, or <code>{Tally,berlin}</code>. */
  @Override
  public String toString() {
    return id == null
        ? CallbackModule.nameOf(module)
        : "{" + CallbackModule.nameOf(module) + "," + id + "}";
  }
}
