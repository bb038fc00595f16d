import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Checks or applies google-java-format: {@code check|apply <file or directory>...}; a directory
 * means its Java files outside {@code target}. A separate program because a formatter parses with
 * the compiler of the JDK it runs on, and Maven may run on a JDK that does not know the syntax of
 * this project.
 */
final class Format {

  private Format() {}

  static void main(String[] args) throws IOException {
    boolean apply = args[0].equals("apply");
    var sources = new ArrayList<Path>();
    for (String root : List.of(args).subList(1, args.length)) {
      sources.addAll(javaFiles(Path.of(root)));
    }
    var changed = new ConcurrentSkipListSet<String>();
    var broken = new ConcurrentSkipListSet<String>();
    sources.parallelStream()
        .forEach(
            file -> {
              try {
                String source = Files.readString(file);
                String formatted = format(source);
                if (!formatted.equals(source)) {
                  changed.add(file.toString());
                  if (apply) {
                    Files.writeString(file, formatted);
                  }
                }
              } catch (FormatterException e) {
                broken.add(file + ":" + e.getMessage().strip());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    changed.forEach(file -> System.out.println((apply ? "formatted " : "not formatted: ") + file));
    broken.forEach(error -> System.out.println("cannot be parsed: " + error));
    boolean unformatted = !apply && !changed.isEmpty();
    if (unformatted) {
      System.out.println("Format with: mvn -N validate -Pformat");
    }
    System.exit(unformatted || !broken.isEmpty() ? 1 : 0);
  }

  /** Up to four passes, because a comment that was wrapped once may wrap differently again. */
  private static String format(String source) throws FormatterException {
    String before = source;
    String after = new Formatter().formatSourceAndFixImports(before);
    for (int pass = 1; pass < 4 && !after.equals(before); pass++) {
      before = after;
      after = new Formatter().formatSourceAndFixImports(before);
    }
    return after;
  }

  private static List<Path> javaFiles(Path root) throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (var files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !root.relativize(file).toString().matches("(.*[/\\\\])?target[/\\\\].*"))
          .toList();
    }
  }
}
