package io.otp.event;

import io.otp.process.Info;
import io.otp.process.Self;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs every event: one line each, what its {@code toString} says. How it is written, and where to,
 * is the logging system's configuration of that logger.
 *
 * {@snippet :
 * manager.addHandler(LogHandler.INSTANCE, LogHandler.To.logger("shop.sales"));
 * }
 */
public final class LogHandler implements EventHandler<LogHandler.To, Object, LogHandler.To> {

  /** The handler; it holds nothing. */
  public static final LogHandler INSTANCE = new LogHandler();

  /**
   * Where events are logged.
   *
   * @param logger the logger's name
   * @param level the level
   */
  public record To(String logger, Level level) {

    /** Checks that both are there. */
    public To {
      Objects.requireNonNull(logger, "logger");
      Objects.requireNonNull(level, "level");
    }

    /** A logger, at level info. */
    public static To logger(String name) {
      return new To(name, Level.INFO);
    }

    /** At another level. */
    public To at(Level level) {
      return new To(logger, level);
    }
  }

  private LogHandler() {}

  @Override
  public To init(To to, Self<Object> self) {
    return to;
  }

  @Override
  public Handled<To> handleEvent(Object event, To to, Self<Object> self) {
    Logger logger = LoggerFactory.getLogger(to.logger());
    logger.atLevel(to.level()).log("{}", event);
    return Handled.ok(to);
  }

  /** Infos are no events: they are passed over without a warning. */
  @Override
  public Handled<To> handleInfo(Info info, To to, Self<Object> self) {
    return Handled.ok(to);
  }
}
