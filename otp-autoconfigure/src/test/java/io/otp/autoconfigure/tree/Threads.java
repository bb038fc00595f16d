package io.otp.autoconfigure.tree;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The runtime's threads in this JVM, also the virtual ones. */
final class Threads {

  private static final Pattern OURS =
      Pattern.compile("^#(\\d+) \"(otp-[^\"]*)\"", Pattern.MULTILINE);

  private Threads() {}

  /** Their numbers and names. */
  static Set<String> ours() {
    try {
      Path file = Files.createTempDirectory("otp-threads").resolve("dump");
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
      String dump = Files.readString(file);
      Files.delete(file);
      Files.delete(file.getParent());
      return OURS.matcher(dump)
          .results()
          .map(m -> m.group(1) + " " + m.group(2))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those that are here and were not before. */
  static Set<String> newSince(Set<String> before) {
    return ours().stream().filter(thread -> !before.contains(thread)).collect(Collectors.toSet());
  }
}
