package io.otp.event;

import io.otp.process.Info;
import io.otp.process.Opaque;
import io.otp.process.Self;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;

/**
 * Spools every event to a file, one line each, that is rotated by size. It is Logback's rolling
 * appender without the logging system, so it needs {@code logback-core} on the class path, which
 * Spring Boot brings along.
 *
 * {@snippet :
 * manager.addHandler(new SpoolHandler(), Files.of(Path.of("sales.log")).rotatedAt(10_000_000, 5));
 * }
 *
 * <p>What was written is with the operating system when the event has been handled, so it survives
 * the end of this program and not that of the machine. A file that cannot be written removes the
 * handler; the file is closed when the handler goes, unless its manager was killed. Two handlers
 * must not spool to one file.
 */
public final class SpoolHandler implements EventHandler<SpoolHandler.Files, Object, Opaque<Spool>> {

  private static final int MOST_FILES = 20;

  /**
   * Where events are spooled.
   *
   * @param file the file that is written, without {@code %} in its path; older ones are {@code
   *     file.1}, {@code file.2} and so on, {@code file.1} the newest of them
   * @param bytes the size at which the file is rotated, looked at before each event, at least 1
   * @param older how many older files are kept, 1 to 20
   */
  public record Files(Path file, long bytes, int older) {

    /** Checks the path and the numbers. */
    public Files {
      if (file.toString().contains("%")) {
        throw new IllegalArgumentException(
            "Spool '" + file + "' cannot be rotated: its path must not contain '%'");
      }
      if (bytes < 1) {
        throw new IllegalArgumentException(
            "Spool '" + file + "' cannot be rotated at " + bytes + " bytes, it must be at least 1");
      }
      if (older < 1 || older > MOST_FILES) {
        throw new IllegalArgumentException(
            "Spool '"
                + file
                + "' cannot keep "
                + older
                + " older files, it must be 1 to "
                + MOST_FILES);
      }
    }

    /** A file that is rotated at 10 MB, of which 5 older ones are kept. */
    public static Files of(Path file) {
      return new Files(file, 10_000_000, 5);
    }

    /** With other numbers. */
    public Files rotatedAt(long bytes, int older) {
      return new Files(file, bytes, older);
    }
  }

  private final Function<Object, String> text;

  /** Writes what the {@code toString} of an event says. */
  public SpoolHandler() {
    this(String::valueOf);
  }

  /**
   * Writes events as {@code text} makes them, for example as JSON.
   *
   * @param text has no side effects; line ends in what it returns are written as {@code \n}
   */
  public SpoolHandler(Function<Object, String> text) {
    this.text = Objects.requireNonNull(text);
  }

  @Override
  public Opaque<Spool> init(Files files, Self<Object> self) throws IOException {
    return Opaque.of(new Spool(files));
  }

  @Override
  public Handled<Opaque<Spool>> handleEvent(Object event, Opaque<Spool> spool, Self<Object> self)
      throws IOException {
    spool.value().write(text.apply(event));
    return Handled.ok(spool);
  }

  /** Infos are no events: they are passed over without a warning. */
  @Override
  public Handled<Opaque<Spool>> handleInfo(Info info, Opaque<Spool> spool, Self<Object> self) {
    return Handled.ok(spool);
  }

  @Override
  public Object terminate(TerminateReason reason, Opaque<Spool> spool, Self<Object> self) {
    spool.value().close();
    return "closed";
  }
}
