package io.otp.event;

import ch.qos.logback.core.ContextBase;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The open file of a {@link SpoolHandler}; used by its manager's process only. */
public final class Spool {
  private final RollingFileAppender<String> appender = new RollingFileAppender<>();
  private final ContextBase context = new ContextBase();
  private @Nullable Status error;

  Spool(SpoolHandler.Files files) throws IOException {
    String file = files.file().toString();
    context.setName(file);
    // The appender fails in silence; this is where it says so. It calls it on this thread.
    context.getStatusManager().add(this::onStatus);
    var rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i");
    rolling.setMinIndex(1);
    rolling.setMaxIndex(files.older());
    var size = new SizeBasedTriggeringPolicy<String>();
    size.setContext(context);
    size.setMaxFileSize(new FileSize(files.bytes()));
    size.setCheckIncrement(Duration.buildByMilliseconds(0));
    appender.setContext(context);
    appender.setName(file);
    appender.setFile(file);
    appender.setEncoder(new Lines());
    appender.setRollingPolicy(rolling);
    appender.setTriggeringPolicy(size);
    rolling.start();
    size.start();
    appender.start();
    check();
  }

  private boolean onStatus(Status status) {
    if (status.getEffectiveLevel() >= Status.ERROR && error == null) {
      error = status;
    }
    return true;
  }

  void write(String line) throws IOException {
    appender.doAppend(line);
    check();
  }

  private void check() throws IOException {
    if (error != null || !appender.isStarted()) {
      throw new IOException(
          "Spool '" + appender.getName() + "' was not written: " + error,
          error == null ? null : error.getThrowable());
    }
  }

  void close() {
    appender.stop();
    context.stop();
  }

  private static final class Lines extends EncoderBase<String> {
    private static final byte[] NOTHING = new byte[0];

    @Override
    public byte[] headerBytes() {
      return NOTHING;
    }

    @Override
    public byte[] encode(String line) {
      return (line.replace("\r", "\\r").replace("\n", "\\n") + "\n")
          .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] footerBytes() {
      return NOTHING;
    }
  }
}
