package io.otp.benchmarks;

import static java.util.stream.Collectors.joining;

import io.otp.benchmarks.Workload.Peer;
import io.otp.benchmarks.Workload.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The results as a Markdown table and as JSON.
 *
 * @param results what was measured
 * @param workloads the rows
 * @param contenders the columns
 * @param absences why one of them was not measured
 */
record Report(
    Results results,
    Set<Workload> workloads,
    Set<Contender> contenders,
    Map<Contender, String> absences) {

  private static final List<Peer> RIVALS = List.of(Peer.ERLANG, Peer.PEKKO);

  private static final String LEGEND =
      """
      Figures: median of the rounds (min–max of all repetitions). Ratios: > 1 is better than the peer; after the slash the
      target, in brackets the floor. ! target missed, !! below the floor. Pekko is the better of default and tuned.
      """;

  /** A row per workload, ratios first; aligned, so that it can be read as it is. */
  String table() {
    var rows = new ArrayList<List<String>>();
    rows.add(header());
    for (var workload : workloads) {
      rows.add(row(workload));
    }
    int[] widths =
        IntStream.range(0, rows.getFirst().size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    rows.add(1, Arrays.stream(widths).mapToObj("-"::repeat).toList());
    var table = rows.stream().map(row -> line(row, widths)).collect(joining("\n"));
    return table + "\n\n" + LEGEND + notes();
  }

  private List<String> header() {
    var cells = new ArrayList<>(List.of("workload", "unit"));
    ours().forEach(own -> RIVALS.forEach(peer -> cells.add(own + " × " + peer)));
    contenders.forEach(contender -> cells.add(contender.toString()));
    return cells;
  }

  private List<String> row(Workload workload) {
    var cells = new ArrayList<>(List.of(workload.toString(), workload.unit().toString()));
    ours().forEach(own -> RIVALS.forEach(peer -> cells.add(ratioCell(workload, own, peer))));
    contenders.forEach(contender -> cells.add(figuresCell(workload, contender)));
    return cells;
  }

  private Stream<Contender> ours() {
    return contenders.stream().filter(Contender::isOwn);
  }

  private String ratioCell(Workload workload, Contender own, Peer peer) {
    var ratio = results.ratio(workload, own, peer);
    if (ratio.isEmpty()) {
      return "";
    }
    return format(ratio.getAsDouble())
        + workload
            .target(own, peer)
            .map(target -> " " + verdict(ratio.getAsDouble(), target))
            .orElse("");
  }

  private static String verdict(double ratio, Target target) {
    var mark = ratio < target.floor() ? " !!" : ratio < target.goal() ? " !" : "";
    var floor = target.floor() > 0 ? " (" + format(target.floor()) + ")" : "";
    return "/ " + format(target.goal()) + floor + mark;
  }

  private String figuresCell(Workload workload, Contender contender) {
    if (!workload.contenders().contains(contender)) {
      return "–";
    }
    return results
        .figures(workload, contender)
        .map(f -> format(f.median()) + " (" + format(f.min()) + "–" + format(f.max()) + ")")
        .orElse(absences.containsKey(contender) ? "absent" : "failed");
  }

  private String notes() {
    var notes = new StringBuilder();
    var overBare = ratioCell(Workload.RESTART, Contender.OTP, Peer.ERLANG_BARE);
    if (!overBare.isEmpty()) {
      notes.append("otp: restarts over those of a bare loop in Erlang: %s\n".formatted(overBare));
    }
    for (var contender : contenders) {
      var queued = results.figures(Workload.QUEUED, contender);
      var empty = results.figures(Workload.QUEUED_EMPTY, contender);
      if (queued.isPresent() && empty.isPresent()) {
        double slower = queued.get().median() / empty.get().median();
        notes.append(
            "%s: a call with %,d messages queued takes %s × as long as with none\n"
                .formatted(contender, Workload.QUEUED_MESSAGES, format(slower)));
      }
    }
    absences.forEach(
        (contender, reason) ->
            notes.append("%s was not measured: %s.\n".formatted(contender, reason)));
    return notes.toString();
  }

  /** An object per workload and contender that was measured. */
  String json() {
    return workloads.stream()
        .filter(workload -> !workload.isExplanatory())
        .flatMap(
            workload ->
                workload.contenders().stream()
                    .flatMap(contender -> json(workload, contender).stream()))
        .collect(joining(",\n  ", "[\n  ", "\n]\n"));
  }

  private Optional<String> json(Workload workload, Contender contender) {
    var ratios =
        Arrays.stream(Peer.values())
            .filter(peer -> contender.isOwn())
            .flatMap(
                peer ->
                    results.ratio(workload, contender, peer).stream()
                        .mapToObj(ratio -> "\"%s\":%s".formatted(peer, number(ratio))))
            .collect(joining(","));
    return results
        .figures(workload, contender)
        .map(
            f ->
                """
                {"workload":"%s","system":"%s","unit":"%s","median":%s,"min":%s,"max":%s,"ratios":{%s}}\
                """
                    .formatted(
                        workload,
                        contender,
                        workload.unit(),
                        number(f.median()),
                        number(f.min()),
                        number(f.max()),
                        ratios));
  }

  private static String line(List<String> cells, int[] widths) {
    return IntStream.range(0, widths.length)
        .mapToObj(i -> cells.get(i) + " ".repeat(widths[i] - cells.get(i).length()))
        .collect(joining(" | ", "| ", " |"));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  /** Three digits, as many as noise leaves. */
  private static String format(double value) {
    return value >= 100
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
  }
}
