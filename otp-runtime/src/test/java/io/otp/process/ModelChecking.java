package io.otp.process;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * How thoroughly Lincheck looks: a few seconds for each test, or, with {@code
 * -Dotp.test.lincheck=20}, that much longer.
 */
final class ModelChecking {

  private static final int EFFORT = Integer.getInteger("otp.test.lincheck", 1);

  private ModelChecking() {}

  /**
   * Options for three threads.
   *
   * @param specification the same operations without concurrency
   */
  static ModelCheckingOptions options(Class<?> specification) {
    return new ModelCheckingOptions()
        .threads(3)
        .iterations(10 * EFFORT)
        .invocationsPerIteration(250)
        .minimizeFailedScenario(EFFORT > 1)
        .sequentialSpecification(specification);
  }
}
