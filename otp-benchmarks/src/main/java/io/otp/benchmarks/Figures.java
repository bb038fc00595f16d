package io.otp.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * What one workload gave on one contender, in the unit of the workload.
 *
 * @param median median of the rounds' medians
 * @param min least of all repetitions of all rounds
 * @param max greatest of them
 */
record Figures(double median, double min, double max) {

  /**
   * Sums rounds up.
   *
   * @param rounds per round, what the process reported for each repetition; at least one each
   */
  static Figures of(Unit unit, Collection<List<Double>> rounds) {
    var all = new ArrayList<Double>();
    var medians = new ArrayList<Double>();
    for (var round : rounds) {
      var figures = round.stream().map(unit::from).sorted().toList();
      all.addAll(figures);
      medians.add(medianOfSorted(figures));
    }
    DoubleStream every = all.stream().mapToDouble(Double::doubleValue);
    var statistics = every.summaryStatistics();
    return new Figures(
        medianOfSorted(medians.stream().sorted().toList()),
        statistics.getMin(),
        statistics.getMax());
  }

  private static double medianOfSorted(List<Double> sorted) {
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
