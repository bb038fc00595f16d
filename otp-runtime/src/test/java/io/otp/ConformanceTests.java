package io.otp;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of OTP's rules and the tests that carry them say the same. */
class ConformanceTests {

  private static final Pattern ROW =
      Pattern.compile("^\\| (\\d+\\.\\d+) \\| (.+?) \\| (.*?) \\| (.+?) \\|$");

  private static final Pattern VERDICT =
      Pattern.compile("^(same|differs|not possible: |later: ).*$");

  private static final Pattern TEST = Pattern.compile("([\\w./-]+)?#(\\w+)");

  /** Tests of modules that are built after this one and so are read as text. */
  private static final List<String> OTHER_MODULES = List.of("otp-autoconfigure", "otp-store");

  private static final Pattern MARKED_TEST =
      Pattern.compile(
          "@(?:Parameterized)?Test(?:Factory)? // (\\d+\\.\\d+(?:, \\d+\\.\\d+)*)"
              + "(?:\\s+@\\w+\\(.*\\))?\\s+[\\w<>]+ (\\w+)\\(");

  private record Row(String rule, String test, String verdict) {}

  private static final List<Row> ROWS = read();

  /**
   * By simple class name and method, that of another module preceded by the module and a slash: no
   * two test classes of a module that are named here have the same simple name.
   */
  private static final Map<String, Set<String>> RULES_BY_TEST = rulesByTest();

  private static List<Row> read() {
    var rows = new ArrayList<Row>();
    try {
      for (String line : Files.readAllLines(Path.of("..", "docs", "otp-conformance.md"))) {
        Matcher m = ROW.matcher(line);
        if (m.matches()) {
          rows.add(new Row(m.group(1), m.group(3).strip(), m.group(4).strip()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static Map<String, Set<String>> rulesByTest() {
    var rules = new HashMap<String, Set<String>>();
    for (var type : new ClassFileImporter().importPath(Path.of("target", "test-classes"))) {
      for (JavaMethod method : type.getMethods()) {
        method
            .tryGetAnnotationOfType(Rule.class)
            .ifPresent(
                rule ->
                    rules.put(type.getSimpleName() + "#" + method.getName(), Set.of(rule.value())));
      }
    }
    OTHER_MODULES.forEach(module -> addMarkedTests(module, rules));
    return rules;
  }

  /** Finds {@code @Test // 13.08, 13.11} in the sources of a module. */
  private static void addMarkedTests(String module, Map<String, Set<String>> rules) {
    try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
      for (Path file : files.filter(f -> f.toString().endsWith("Tests.java")).toList()) {
        String type = module + "/" + file.getFileName().toString().replace(".java", "");
        Matcher m = MARKED_TEST.matcher(Files.readString(file));
        while (m.find()) {
          rules.put(type + "#" + m.group(2), Set.of(m.group(1).split(", ")));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyRuleHasOneRow() {
    assertThat(ROWS).isNotEmpty().extracting(Row::rule).doesNotHaveDuplicates();
  }

  @Test
  void everyVerdictIsOneOfFour() {
    assertThat(ROWS).allSatisfy(row -> assertThat(row.verdict()).as(row.rule()).matches(VERDICT));
  }

  @Test
  void everyRowThatIsDoneNamesTestsThatCarryItsRule() {
    var wrong = new ArrayList<String>();
    for (Row row : ROWS) {
      boolean done =
          !row.verdict().startsWith("later") && !row.verdict().startsWith("not possible");
      List<String> tests = testsOf(row);
      if (done && tests.isEmpty()) {
        wrong.add(row.rule() + " names no test");
      }
      for (String test : tests) {
        if (!RULES_BY_TEST.getOrDefault(test, Set.of()).contains(row.rule())) {
          wrong.add(row.rule() + ": " + test + " does not exist or does not carry the rule");
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyRuleOfATestHasARow() {
    Set<String> known = new HashSet<>();
    ROWS.forEach(row -> known.add(row.rule()));
    assertThat(RULES_BY_TEST)
        .allSatisfy((test, rules) -> assertThat(known).as(test).containsAll(rules));
  }

  /** Reads {@code SupervisorTests#a, #b, otp-autoconfigure/ReportTests#c}. */
  private static List<String> testsOf(Row row) {
    var tests = new ArrayList<String>();
    String type = "";
    Matcher m = TEST.matcher(row.test());
    while (m.find()) {
      if (m.group(1) != null) {
        type = m.group(1).substring(m.group(1).lastIndexOf('.') + 1);
      }
      tests.add(type + "#" + m.group(2));
    }
    return tests;
  }
}
