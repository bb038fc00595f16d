package io.otp.autoconfigure.tree;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** What somebody may have meant who wrote a name that does not exist. */
final class Suggestion {

  private Suggestion() {}

  /** {@code "Did you mean 'ledger'? "}, or an empty text if nothing is like {@code name}. */
  static String of(String name, Collection<String> known) {
    return known.stream()
        .filter(candidate -> distance(name, candidate) <= 1 + candidate.length() / 4)
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .map(candidate -> "Did you mean '" + candidate + "'? ")
        .orElse("");
  }

  /**
   * How many letters have to be inserted, removed or changed to make one of the other
   * (Levenshtein).
   */
  private static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
