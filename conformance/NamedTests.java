import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests and prints which failed: {@code first|all <class>#<method>...}; {@code first} ends
 * with the first that fails. Exit code 0: all passed, 1: some failed, 3: nothing could be run. It
 * halts, so that what a test left running does not keep it.
 */
final class NamedTests {

  private NamedTests() {}

  static void main(String[] args) {
    try {
      run(args[0].equals("first"), List.of(args).subList(1, args.length));
    } catch (Throwable t) {
      t.printStackTrace();
    }
    Runtime.getRuntime().halt(3);
  }

  private static void run(boolean first, List<String> tests) throws ClassNotFoundException {
    var selectors = new ArrayList<DiscoverySelector>();
    for (String test : tests) {
      selectors.addAll(select(test));
    }
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectors).build();
    var failures = new Failures(first);
    LauncherFactory.create().execute(request, failures);
    System.out.flush();
    Runtime.getRuntime().halt(failures.run == 0 ? 3 : failures.failed == 0 ? 0 : 1);
  }

  /** All methods of that name, whatever their parameters, also of nested classes. */
  private static List<DiscoverySelector> select(String test) throws ClassNotFoundException {
    String[] parts = test.split("#");
    var selectors = new ArrayList<DiscoverySelector>();
    select(Class.forName(parts[0]), parts[1], selectors);
    if (selectors.isEmpty()) {
      throw new IllegalArgumentException("there is no test " + test);
    }
    return selectors;
  }

  private static void select(Class<?> type, String name, List<DiscoverySelector> selectors) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      for (Method method : c.getDeclaredMethods()) {
        if (method.getName().equals(name) && !Modifier.isAbstract(type.getModifiers())) {
          selectors.add(selectMethod(type, method));
        }
      }
    }
    for (Class<?> nested : type.getDeclaredClasses()) {
      select(nested, name, selectors);
    }
  }

  private static final class Failures implements TestExecutionListener {
    final boolean first;
    int run;
    int failed;

    Failures(boolean first) {
      this.first = first;
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
      run += test.isTest() ? 1 : 0;
      if (result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
        return;
      }
      failed++;
      Throwable why = result.getThrowable().orElse(null);
      System.out.println("\nFAILED " + test.getLegacyReportingName() + ": " + oneLine(why));
      if (why != null) {
        why.printStackTrace(System.out);
      }
      if (first) {
        System.out.flush();
        Runtime.getRuntime().halt(1);
      }
    }

    private static String oneLine(Throwable why) {
      String text = String.valueOf(why).strip().replaceAll("\\s+", " ");
      return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
  }
}
