package io.otp.autoconfigure.event;

import io.otp.event.EventHandler;
import io.otp.event.Handled;
import io.otp.process.Info;
import io.otp.process.Self;
import io.otp.server.NoArgs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;

/**
 * A handler that publishes the events of a manager as application events, so that
 * {@code @EventListener void on(Sale sale)} is all that a listener needs. It is a bean; a manager
 * gets it like any other handler:
 *
 * {@snippet :
 * @Bean
 * SupervisorSpec shop(SpringEventHandler publish) {
 *   return SupervisorSpec.of("shop", Strategy.ONE_FOR_ONE,
 *       EventManager.<Sale>named("sales").withHandler(HandlerSpec.of(publish, NoArgs.NO_ARGS)).child("sales"));
 * }
 * }
 *
 * <p>Listeners run in the manager's process, one after the other: one that is slow holds up the
 * manager and belongs behind {@code @Async}. What a listener throws is logged, and the handler
 * stays; listeners after it in Spring's order do not get that event.
 */
public final class SpringEventHandler implements EventHandler<NoArgs, Object, NoArgs> {

  private static final Logger LOG = LoggerFactory.getLogger(SpringEventHandler.class);

  private final ApplicationEventPublisher publisher;

  /** Publishes to the listeners that {@code publisher} knows. */
  public SpringEventHandler(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public NoArgs init(NoArgs args, Self<Object> self) {
    return args;
  }

  @Override
  public Handled<NoArgs> handleEvent(Object event, NoArgs state, Self<Object> self) {
    try {
      publisher.publishEvent(event);
    } catch (RuntimeException e) {
      LOG.error("A listener of {} failed", event.getClass().getName(), e);
    }
    return Handled.ok(state);
  }

  /** Infos are no events: they are passed over without a warning. */
  @Override
  public Handled<NoArgs> handleInfo(Info info, NoArgs state, Self<Object> self) {
    return Handled.ok(state);
  }
}
