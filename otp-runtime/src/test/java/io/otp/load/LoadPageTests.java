package io.otp.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page docs/load.md names a test for each invariant, here and in other modules. */
class LoadPageTests {

  private static final Path ROOT = root();

  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (directory != null && !Files.exists(directory.resolve("docs/load.md"))) {
      directory = directory.getParent();
    }
    return java.util.Objects.requireNonNull(directory, "docs/load.md");
  }

  @Test
  void everyInvariantHasATestThatIsThere() throws IOException {
    var sources = new TreeMap<String, String>();
    for (String module : new String[] {"otp-runtime", "otp-autoconfigure"}) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/test/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith("Tests.java")).toList()) {
          sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
        }
      }
    }
    var rows =
        Pattern.compile("(?m)^\\| ([LBSFH]\\d+) \\|.*\\|([^|]*)\\|$")
            .matcher(Files.readString(ROOT.resolve("docs/load.md")))
            .results()
            .toList();
    assertThat(rows).hasSizeGreaterThan(25);
    for (var row : rows) {
      String in = "";
      var tests = Pattern.compile("(\\w+Tests)?(?:#(\\w+))?`").matcher(row.group(2));
      int found = 0;
      while (tests.find()) {
        if (tests.group(1) == null && tests.group(2) == null) {
          continue;
        }
        in = tests.group(1) == null ? in : tests.group(1);
        assertThat(sources).as(row.group(1)).containsKey(in);
        if (tests.group(2) != null) {
          assertThat(sources.get(in)).as(row.group(1)).contains("void " + tests.group(2) + "(");
        }
        found++;
      }
      assertThat(found).as(row.group(1)).isPositive();
    }
  }
}
