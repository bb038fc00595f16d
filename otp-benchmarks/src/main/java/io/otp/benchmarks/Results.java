package io.otp.benchmarks;

import io.otp.benchmarks.Workload.Peer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** What the processes reported, and the figures and ratios that follow from it. */
final class Results {
  private final Map<Workload, Map<Contender, List<List<Double>>>> rounds =
      new EnumMap<>(Workload.class);

  /** Adds one round: what a process reported for each repetition. */
  void add(Workload workload, Contender contender, List<Double> repetitions) {
    rounds
        .computeIfAbsent(workload, key -> new EnumMap<>(Contender.class))
        .computeIfAbsent(contender, key -> new ArrayList<>())
        .add(repetitions);
  }

  /** Empty if no round of it ended well. */
  Optional<Figures> figures(Workload workload, Contender contender) {
    return Optional.ofNullable(rounds.getOrDefault(workload, Map.of()).get(contender))
        .map(all -> Figures.of(workload.unit(), all));
  }

  /** How many times better a contender is than a peer; empty if one of them was not measured. */
  OptionalDouble ratio(Workload workload, Contender own, Peer peer) {
    var ownFigures = figures(workload, own);
    if (ownFigures.isEmpty()) {
      return OptionalDouble.empty();
    }
    // The best peer is the one over which the ratio is least.
    return peerFigures(workload, peer)
        .mapToDouble(figures -> workload.unit().ratio(ownFigures.get().median(), figures.median()))
        .min();
  }

  private Stream<Figures> peerFigures(Workload workload, Peer peer) {
    return switch (peer) {
      case ERLANG -> figures(workload, Contender.ERLANG).stream();
      case PEKKO ->
          Stream.of(Contender.PEKKO, Contender.PEKKO_TUNED)
              .flatMap(contender -> figures(workload, contender).stream());
      case ERLANG_BARE ->
          workload == Workload.RESTART
              ? figures(Workload.RESTART_BARE, Contender.ERLANG).stream()
              : Stream.empty();
    };
  }
}
