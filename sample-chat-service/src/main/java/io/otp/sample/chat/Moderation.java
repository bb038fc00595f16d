package io.otp.sample.chat;

import io.otp.event.EventManager;
import io.otp.event.EventManagerRef;
import io.otp.event.HandlerSpec;
import io.otp.event.SpoolHandler;
import io.otp.process.MailboxBound;
import io.otp.process.NoSuchNameException;
import io.otp.process.Overload;
import java.nio.file.Path;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells who moderates what was refused. It never holds anybody up: if events come faster than they
 * are written, some are dropped, and if the event manager is not there, all are.
 */
@Component
final class Moderation {

  private final EventManagerRef<Refused> refusals;

  Moderation(EventManagerRef<Refused> refusals) {
    this.refusals = refusals;
  }

  /**
   * Something was refused.
   *
   * @param sent what was sent, of which the beginning is kept; empty if it is of no interest
   */
  void refused(String room, String user, Problem problem, String sent) {
    try {
      refusals.notify(Refused.of(room, user, problem, sent));
    } catch (NoSuchNameException e) {
      // it is being restarted, or was given up
    }
  }

  /** The event manager, with a handler that writes files if there is a place for them. */
  @Configuration(proxyBeanMethods = false)
  static class Managers {

    private static final int MOST_WAITING = 1_000;
    private static final int OLDER_FILES = 5;

    @Bean
    EventManager<Refused> refusals(ChatProperties properties, JsonMapper mapper) {
      EventManager<Refused> manager =
          EventManager.<Refused>unnamed()
              .withMailbox(MailboxBound.of(MOST_WAITING, Overload.DROP_NEWEST));
      Path directory = properties.moderation();
      return directory == null
          ? manager
          : manager.withHandler(
              HandlerSpec.of(
                  new SpoolHandler(mapper::writeValueAsString),
                  SpoolHandler.Files.of(directory.resolve("refused.jsonl"))
                      .rotatedAt(properties.moderationFile().toBytes(), OLDER_FILES)));
    }
  }
}
