import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * Applies each mutant to a copy of otp-runtime and otp-store and runs the tests that it names: one
 * of them must fail. Called by {@code mutants.sh} with a work folder, the test class path, and what
 * was given to it. Exit code 0: all were killed; 1: not all; 2: it could not be found out.
 */
final class Mutants {

  private static final Path MUTANTS = Path.of("conformance", "mutants");
  private static final Path TABLE = Path.of("docs", "otp-conformance.md");
  private static final List<String> MODULES = List.of("otp-runtime", "otp-store");

  /** How long the tests of one mutant may take. */
  private static final int LIMIT_SECONDS = 60;

  /** For how long others have to wait who use the same lock file. */
  private static final int LOCKED_SECONDS = 120;

  /** How long a test waits for what must happen: less than usual, a mutant often loses it. */
  private static final int TEST_LIMIT_SECONDS = 10;

  private static final Pattern ROW = Pattern.compile("^\\| (\\d+\\.\\d+) \\| .+? \\| (.*?) \\| .*");
  private static final Pattern TEST_NAME = Pattern.compile("([\\w.]+)?#(\\w+)");
  private static final Pattern OTP_RULE = Pattern.compile("\\d+\\.\\d+");
  private static final Pattern INVARIANT = Pattern.compile("(\\w+)\\.([A-Z]\\d+)");

  private static final Pattern DECLARATION =
      Pattern.compile("(?m)^((public|abstract|final|sealed) )*(class|record|interface|enum) ");

  /** What a header says. Tests are {@code SimpleClassName#method}. */
  private record Mutant(
      String name, Path patch, List<String> rules, Set<String> tests, boolean hangs) {}

  private record TestClass(String module, String name) {}

  /** How a run of tests ended. */
  private record Run(int exitCode, boolean timedOut, String failed, Path log, double seconds) {}

  /** What makes the whole command pointless. */
  private static final class Unusable extends Exception {
    Unusable(String why) {
      super(why);
    }
  }

  private final Path work;
  private final Path copy;
  private final String libraries;
  private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
  private final Map<String, TestClass> testClasses = new HashMap<>();
  private Process lock;
  private long lockedAt;

  private Mutants(Path work, String libraries) {
    this.work = work;
    this.copy = work.resolve("copy");
    this.libraries = libraries;
  }

  static void main(String[] args) throws Exception {
    var patterns = new ArrayList<>(List.of(args).subList(2, args.length));
    boolean run = !patterns.remove("--dry-run");
    int repeat = 1;
    if (patterns.size() > 1 && patterns.getFirst().equals("--repeat")) {
      repeat = Integer.parseInt(patterns.get(1));
      patterns.subList(0, 2).clear();
    }
    try {
      boolean good = new Mutants(Path.of(args[0]), args[1]).run(patterns, run ? repeat : 0);
      System.exit(good ? 0 : 1);
    } catch (Unusable e) {
      System.out.println(e.getMessage());
      System.exit(2);
    }
  }

  private boolean run(List<String> patterns, int repeat) throws Exception {
    long start = System.nanoTime();
    List<Mutant> mutants = read(patterns);
    copy();
    var wrong = new ArrayList<String>();
    Map<String, Set<String>> table = table();
    mutants.forEach(mutant -> wrong.addAll(check(mutant, table)));
    if (patterns.isEmpty()) {
      wrong.addAll(rulesWithout(mutants));
    }
    if (repeat == 0) {
      for (Mutant mutant : mutants) {
        String refused = apply(work.resolve(mutant.patch.getFileName()), "--check");
        if (!refused.isEmpty()) {
          wrong.add(mutant.patch + ": does not apply: " + refused);
        }
      }
    }
    if (!wrong.isEmpty()) {
      throw new Unusable(String.join("\n", wrong));
    }
    if (repeat == 0) {
      System.out.println(mutants.size() + " mutants apply, and their headers are right");
      return true;
    }
    lock();
    compileAll();
    checkTestsPass(mutants);
    var survivors = new ArrayList<String>();
    for (Mutant mutant : mutants) {
      for (int n = 0; n < repeat; n++) {
        if (!isKilled(mutant)) {
          survivors.add(mutant.name);
          break;
        }
      }
    }
    long rules = mutants.stream().flatMap(mutant -> mutant.rules.stream()).distinct().count();
    System.out.printf(
        "%n%d mutants of %d rules and invariants: %d killed, %d not%s. %.0f s%n",
        mutants.size(),
        rules,
        mutants.size() - survivors.size(),
        survivors.size(),
        survivors.isEmpty() ? "" : " (" + String.join(", ", survivors) + ")",
        seconds(start));
    return survivors.isEmpty();
  }

  // --- headers

  private List<Mutant> read(List<String> patterns) throws IOException, Unusable {
    var mutants = new ArrayList<Mutant>();
    try (var files = Files.list(MUTANTS)) {
      for (Path file : files.sorted(Comparator.comparing(Mutants::order)).toList()) {
        String name = file.getFileName().toString().replaceFirst("\\.patch$", "");
        boolean wanted = patterns.isEmpty() || patterns.stream().anyMatch(name::contains);
        if (wanted && file.toString().endsWith(".patch")) {
          mutants.add(read(name, file));
        }
      }
    }
    if (mutants.isEmpty()) {
      throw new Unusable("No mutant in " + MUTANTS + " is named like " + patterns);
    }
    for (Mutant mutant : mutants) { // as the sources: they may be changed while this runs
      Files.copy(mutant.patch, work.resolve(mutant.patch.getFileName()));
    }
    return mutants;
  }

  /** 2.9 before 2.10. */
  private static String order(Path file) {
    String name = file.getFileName().toString();
    Matcher numbers = Pattern.compile("^(\\d+)\\.(\\d+)(.*)").matcher(name);
    return numbers.matches()
        ? "%4s.%4s%s".formatted(numbers.group(1), numbers.group(2), numbers.group(3))
        : name;
  }

  private static Mutant read(String name, Path file) throws IOException {
    var rules = new ArrayList<String>();
    var tests = new LinkedHashSet<String>();
    boolean hangs = false;
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("# rule: ")) {
        rules.addAll(List.of(line.substring(8).strip().split(", *")));
      } else if (line.startsWith("# killed by: ")) {
        hangs |= line.startsWith("# killed by: timeout ");
        tests.addAll(testsIn(line));
      }
    }
    return new Mutant(name, file, rules, tests, hangs);
  }

  /** Reads {@code LinkTests#a, #b, MonitorTests#c}. */
  private static Set<String> testsIn(String text) {
    var tests = new LinkedHashSet<String>();
    String type = "";
    Matcher m = TEST_NAME.matcher(text);
    while (m.find()) {
      if (m.group(1) != null) {
        type = m.group(1).substring(m.group(1).lastIndexOf('.') + 1);
      }
      tests.add(type + "#" + m.group(2));
    }
    return tests;
  }

  /** The tests of each rule. */
  private static Map<String, Set<String>> table() throws IOException {
    var table = new HashMap<String, Set<String>>();
    for (String line : Files.readAllLines(TABLE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        table.put(row.group(1), testsIn(row.group(2)));
      }
    }
    return table;
  }

  private List<String> check(Mutant mutant, Map<String, Set<String>> table) {
    var wrong = new ArrayList<String>();
    if (mutant.rules.isEmpty() || mutant.tests.isEmpty()) {
      wrong.add("needs the lines '# rule: ' and '# killed by: '");
    } else if (!mutant.name.startsWith(mutant.rules.getFirst() + "-")) {
      wrong.add("must be named after its first rule, " + mutant.rules.getFirst() + "-…");
    }
    for (String rule : mutant.rules) {
      Matcher invariant = INVARIANT.matcher(rule);
      if (invariant.matches()) {
        if (!isInvariant(invariant.group(1), invariant.group(2))) {
          wrong.add("no class " + invariant.group(1) + " states an invariant " + rule);
        }
      } else if (!OTP_RULE.matcher(rule).matches() || !table.containsKey(rule)) {
        wrong.add("rule " + rule + " has no row in " + TABLE);
      } else if (table.get(rule).stream().noneMatch(mutant.tests::contains)) {
        wrong.add("the row of rule " + rule + " in " + TABLE + " has none of its tests");
      }
    }
    if (mutant.tests.stream().map(this::moduleOf).distinct().count() > 1) {
      wrong.add("names tests of several modules; name those of one");
    }
    for (String test : mutant.tests) {
      boolean inARow =
          mutant.rules.stream().anyMatch(rule -> table.getOrDefault(rule, Set.of()).contains(test));
      boolean ofAnInvariant =
          mutant.rules.stream().anyMatch(rule -> INVARIANT.matcher(rule).matches());
      if (!testClasses.containsKey(test.split("#")[0])) {
        wrong.add("there is no class for test " + test);
      } else if (!inARow && !ofAnInvariant) {
        wrong.add(test + " is in the row of none of its rules in " + TABLE);
      }
    }
    return wrong.stream().map(text -> mutant.patch + ": " + text).toList();
  }

  private String moduleOf(String test) {
    TestClass type = testClasses.get(test.split("#")[0]);
    return type == null ? "none" : type.module();
  }

  private boolean isInvariant(String type, String number) {
    try {
      for (Path source : sources("src/main/java")) {
        if (source.getFileName().toString().equals(type + ".java")) {
          String header = DECLARATION.split(Files.readString(source), 2)[0];
          if (Pattern.compile("\\b" + number + "\\b").matcher(header).find()) {
            return true;
          }
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rules that must have a mutant and have none. */
  private static List<String> rulesWithout(List<Mutant> mutants) throws IOException {
    var rules = new TreeSet<String>();
    Path list = MUTANTS.resolve("rules");
    for (String line : Files.readAllLines(list)) {
      rules.addAll(List.of(line.replaceFirst("#.*", "").strip().split(" +")));
    }
    rules.remove("");
    mutants.forEach(mutant -> rules.removeAll(mutant.rules));
    return rules.stream().map(rule -> list + ": no mutant breaks rule " + rule).toList();
  }

  // --- compiling

  private void copy() throws IOException {
    for (String module : MODULES) {
      copy(Path.of(module, "src", "main", "java"));
      Path tests = Path.of(module, "src", "test");
      for (Path file : copy(tests)) {
        String name = file.getFileName().toString();
        if (name.endsWith(".java")) {
          String path = tests.resolve("java").relativize(file).toString();
          String type = path.replace(".java", "").replaceAll("[/\\\\]", ".");
          testClasses.put(name.replace(".java", ""), new TestClass(module, type));
        }
      }
    }
  }

  private List<Path> copy(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      List<Path> all = files.toList();
      for (Path file : all) {
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy.resolve(file));
        } else {
          Files.copy(file, copy.resolve(file));
        }
      }
      return all;
    }
  }

  private void compileAll() throws IOException, Unusable {
    long start = System.nanoTime();
    Path main = work.resolve("main");
    Path test = work.resolve("test");
    Path runner = work.resolve("runner");
    String errors =
        compile(sources("src/main/java"), main, "")
            + compile(sources("src/test/java"), test, main + ":")
            + compile(List.of(Path.of("conformance", "NamedTests.java")), runner, "");
    if (!errors.isEmpty()) {
      throw new Unusable("The code does not compile without any mutant:\n" + errors);
    }
    for (String module : MODULES) {
      Path resources = copy.resolve(module).resolve("src/test/resources");
      if (Files.exists(resources)) {
        try (var files = Files.walk(resources)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            Path to = test.resolve(resources.relativize(file));
            Files.createDirectories(to.getParent());
            Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    }
    System.out.printf("compiled in %.0f s%n", seconds(start));
  }

  /** Those of all modules. */
  private List<Path> sources(String folder) throws IOException {
    var sources = new ArrayList<Path>();
    for (String module : MODULES) {
      sources.addAll(sources(copy.resolve(module).resolve(folder)));
    }
    return sources;
  }

  private static List<Path> sources(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.endsWith("module-info.java"))
          .toList();
    }
  }

  /** Returns the errors. */
  private String compile(Collection<Path> sources, Path to, String before) throws IOException {
    Files.createDirectories(to);
    var out = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-d",
              to.toString(),
              "-cp",
              before + libraries,
              "-proc:none",
              "-nowarn",
              "-parameters",
              "-Xlint:none");
      boolean good =
          compiler
              .getTask(out, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      return good ? "" : out.toString();
    }
  }

  // --- mutants

  private boolean isKilled(Mutant mutant) throws IOException, InterruptedException {
    var originals = new TreeMap<Path, String>();
    Path patch = work.resolve(mutant.patch.getFileName());
    for (String line : Files.readAllLines(patch)) {
      if (line.startsWith("+++ b/")) {
        Path file = copy.resolve(line.substring(6).strip());
        originals.put(file, Files.exists(file) ? Files.readString(file) : "");
      }
    }
    try {
      String refused = apply(patch);
      if (!refused.isEmpty()) {
        return say(mutant, "DOES NOT APPLY", 0, refused);
      }
      Path classes = work.resolve("mutant");
      delete(classes);
      // With everything in the same package: it may have been compiled against what has changed.
      var sources = new TreeSet<Path>();
      for (Path changed : originals.keySet()) {
        sources.addAll(sources(changed.getParent()));
      }
      String errors = compile(sources, classes, work.resolve("main") + ":");
      if (!errors.isEmpty()) {
        return say(mutant, "DOES NOT COMPILE", 0, errors.strip());
      }
      Run run = test("first", mutant.tests, classes + ":", LIMIT_SECONDS);
      if (run.timedOut) {
        return mutant.hangs
            ? say(mutant, "killed", run.seconds, "tests hang")
            : say(mutant, "HANGS", run.seconds, "tests hang, and the header does not say so");
      }
      return switch (run.exitCode) {
        case 0 -> say(mutant, "SURVIVED", run.seconds, String.join(", ", mutant.tests));
        case 1 -> say(mutant, "killed", run.seconds, run.failed);
        default -> say(mutant, "ERROR", run.seconds, Files.readString(run.log));
      };
    } finally {
      for (Map.Entry<Path, String> original : originals.entrySet()) {
        Files.writeString(original.getKey(), original.getValue());
      }
    }
  }

  private static boolean say(Mutant mutant, String what, double seconds, String detail) {
    System.out.printf("%-9s %-50s %5.1f s  %s%n", what, mutant.name, seconds, detail);
    return what.equals("killed");
  }

  /** Returns why not. */
  private String apply(Path patch, String... options) throws IOException, InterruptedException {
    var git = new ProcessBuilder("git", "apply");
    git.command().addAll(List.of(options));
    git.command().add(patch.toAbsolutePath().toString());
    git.environment().put("GIT_CEILING_DIRECTORIES", work.toAbsolutePath().toString());
    Process process = git.directory(copy.toFile()).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    return process.waitFor() == 0 ? "" : out.strip();
  }

  private void checkTestsPass(List<Mutant> mutants)
      throws IOException, InterruptedException, Unusable {
    long start = System.nanoTime();
    var byClass = new TreeMap<String, Set<String>>();
    for (Mutant mutant : mutants) {
      for (String test : mutant.tests) {
        byClass.computeIfAbsent(test.split("#")[0], type -> new TreeSet<>()).add(test);
      }
    }
    for (Set<String> tests : byClass.values()) {
      Run run = test("all", tests, "", LIMIT_SECONDS + 10 * tests.size());
      if (run.timedOut || run.exitCode != 0) {
        throw new Unusable(
            Files.readString(run.log)
                + "\nTests fail without any mutant, so they say nothing: "
                + (run.timedOut ? tests + " are not finished in time" : run.failed));
      }
    }
    int count = byClass.values().stream().mapToInt(Set::size).sum();
    System.out.printf("%d tests pass without mutants in %.0f s%n%n", count, seconds(start));
  }

  /**
   * Runs tests in a JVM of their own.
   *
   * @param mode of {@code NamedTests}
   * @param before class path entries, each with its separator, that go before all others
   */
  private Run test(String mode, Set<String> tests, String before, int limit)
      throws IOException, InterruptedException {
    String own =
        Stream.of("main", "test", "runner")
            .map(part -> work.resolve(part).toString())
            .collect(Collectors.joining(":", "", ":"));
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-XX:+EnableDynamicAgentLoading",
                "-Dotp.test.limit=" + TEST_LIMIT_SECONDS,
                "-cp",
                before + own + libraries,
                "NamedTests",
                mode));
    for (String test : tests) {
      String[] parts = test.split("#");
      command.add(testClasses.get(parts[0]).name() + "#" + parts[1]);
    }
    String module = moduleOf(tests.iterator().next());
    Path log = work.resolve("tests.log");
    lock();
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .directory(copy.resolve(module).toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(limit, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    if (seconds(lockedAt) > LOCKED_SECONDS) {
      unlock();
    }
    String failed =
        Arrays.stream(Files.readString(log).split("\n"))
            .filter(line -> line.startsWith("FAILED "))
            .map(line -> line.substring(7))
            .collect(Collectors.joining("; "));
    return new Run(ended ? process.exitValue() : -1, !ended, failed, log, seconds(start));
  }

  /** Waits for the lock file, which is held until the input of {@link #lock} is closed. */
  private void lock() throws IOException {
    String file = System.getenv("MUTANTS_LOCK");
    if (file != null && !file.isBlank() && lock == null) {
      lock = new ProcessBuilder("flock", file, "sh", "-c", "echo; exec cat").start();
      lock.getInputStream().read();
      lockedAt = System.nanoTime();
    }
  }

  private void unlock() throws IOException {
    if (lock != null) {
      lock.getOutputStream().close();
      lock = null;
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
