package io.otp.table;

import io.otp.process.Pid;
import io.otp.process.Ref;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One order of all keys that an ordered set may have, Erlang's order of terms as far as there are
 * such terms here:
 *
 * <ol>
 *   <li>numbers, by value whatever their type: {@code 1}, {@code 1L} and {@code 1.0} are equal;
 *       {@code NaN}, which Erlang has not, comes last
 *   <li>what Erlang has atoms for: enum constants and booleans, by name
 *   <li>{@link Ref}, then {@link Pid}, in an order without meaning
 *   <li>records, as tuples: first by how many components, then by the name of the type, then by
 *       component
 *   <li>maps, by size, then by keys in their order, then by values
 *   <li>lists, element by element, a shorter one before what it begins
 *   <li>characters and strings, as Erlang's binaries: by code point
 *   <li>all else that is {@link Comparable}, such as dates and UUIDs, by the name of the type and
 *       then in its own order
 * </ol>
 *
 * Other keys are refused; a table may be given an order of its own, see {@link
 * TableSpec#withOrder}.
 */
public final class TermOrder implements Comparator<Object> {

  /** The order. */
  public static final TermOrder ORDER = new TermOrder();

  private TermOrder() {}

  /**
   * Compares two keys.
   *
   * @throws IllegalArgumentException if one of them has no place in this order
   */
  @Override
  @SuppressWarnings("unchecked") // of one class, or declared by one enum
  public int compare(Object a, Object b) {
    int rank = rank(a);
    int other = rank(b);
    if (rank != other) {
      return Integer.compare(rank, other);
    }
    return switch (rank) {
      case 0 -> compareNumbers((Number) a, (Number) b);
      case 1 -> compareNames(atom(a), a, atom(b), b);
      case 2 -> ((Comparable<Object>) a).compareTo(b);
      case 3 -> ((Pid) a).compareTo((Pid) b);
      case 4 -> compareRecords(a, b);
      case 5 -> compareMaps((Map<?, ?>) a, (Map<?, ?>) b);
      case 6 -> compareAll(((List<?>) a).iterator(), ((List<?>) b).iterator());
      case 7 -> compareText(a.toString(), b.toString());
      default ->
          a.getClass() == b.getClass()
              ? ((Comparable<Object>) a).compareTo(b)
              : compareNames("", a, "", b);
    };
  }

  private static int rank(Object key) {
    return switch (key) {
      case Number n
          when !(n instanceof AtomicInteger)
              && !(n instanceof AtomicLong)
              && n.getClass().getName().startsWith("java.") ->
          0;
      case Boolean _, Enum<?> _ -> 1;
      case Ref _ -> 2;
      case Pid _ -> 3;
      case Record _ -> 4;
      case Map<?, ?> _ -> 5;
      case List<?> _ -> 6;
      case String _, Character _ -> 7;
      case Comparable<?> _ -> 8;
      default ->
          throw new IllegalArgumentException(
              "A "
                  + key.getClass().getTypeName()
                  + " has no place in the order of terms. Ordered are numbers, enum constants,"
                  + " booleans, Ref, Pid, records, maps, lists, strings and what is Comparable;"
                  + " use one of these, or give the table an order with TableSpec.withOrder.");
    };
  }

  private static int compareNumbers(Number a, Number b) {
    if (a instanceof Integer x && b instanceof Integer y) {
      return Integer.compare(x, y);
    }
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    if (isOdd(a) || isOdd(b)) { // any finite number will do beside one that is not
      return Double.compare(isOdd(a) ? a.doubleValue() : 0, isOdd(b) ? b.doubleValue() : 0);
    }
    return decimal(a).compareTo(decimal(b));
  }

  private static boolean isOdd(Number number) {
    return (number instanceof Double || number instanceof Float)
        && !Double.isFinite(number.doubleValue());
  }

  private static BigDecimal decimal(Number number) {
    return switch (number) {
      case BigDecimal d -> d;
      case BigInteger i -> new BigDecimal(i);
      case Double d -> new BigDecimal(d);
      case Float f -> new BigDecimal(f.doubleValue());
      default -> BigDecimal.valueOf(number.longValue());
    };
  }

  private static String atom(Object key) {
    return key instanceof Enum<?> constant ? constant.name() : key.toString();
  }

  /** Of what has one name but another type is different. */
  private static int compareNames(String name, Object a, String other, Object b) {
    int order = compareText(name, other);
    return order != 0 ? order : type(a).compareTo(type(b));
  }

  private static String type(Object key) {
    return (key instanceof Enum<?> constant ? constant.getDeclaringClass() : key.getClass())
        .getName();
  }

  private static int compareText(String a, String b) {
    int end = Math.min(a.length(), b.length());
    for (int i = 0; i < end; i++) {
      if (a.charAt(i) != b.charAt(i)) {
        return Character.isSurrogate(a.charAt(i)) != Character.isSurrogate(b.charAt(i))
            ? (Character.isSurrogate(a.charAt(i)) ? 1 : -1)
            : Character.compare(a.charAt(i), b.charAt(i));
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  private int compareRecords(Object a, Object b) {
    RecordComponent[] parts = PARTS.get(a.getClass());
    RecordComponent[] others = PARTS.get(b.getClass());
    if (parts.length != others.length) {
      return Integer.compare(parts.length, others.length);
    }
    if (a.getClass() != b.getClass()) {
      return a.getClass().getName().compareTo(b.getClass().getName());
    }
    for (RecordComponent part : parts) {
      int order = compareNullable(read(part, a), read(part, b));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static final ClassValue<RecordComponent[]> PARTS =
      new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> type) {
          RecordComponent[] parts = type.getRecordComponents();
          for (RecordComponent part : parts) {
            if (!part.getAccessor().trySetAccessible()) {
              throw new IllegalArgumentException(
                  "Record "
                      + type.getTypeName()
                      + " cannot be a key of an ordered set: its module does not open its package"
                      + " to io.otp.runtime. Open it, or give the table an order with"
                      + " TableSpec.withOrder.");
            }
          }
          return parts;
        }
      };

  private static @Nullable Object read(RecordComponent part, Object record) {
    try {
      return part.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          "Component " + part.getName() + " of " + record.getClass().getTypeName() + " failed", e);
    }
  }

  /** {@code null} is first. */
  private int compareNullable(@Nullable Object a, @Nullable Object b) {
    if (a == null || b == null) {
      return Boolean.compare(a != null, b != null);
    }
    return compare(a, b);
  }

  private int compareMaps(Map<?, ?> a, Map<?, ?> b) {
    if (a.size() != b.size()) {
      return Integer.compare(a.size(), b.size());
    }
    var x = new TreeMap<Object, Object>(this);
    x.putAll(a);
    var y = new TreeMap<Object, Object>(this);
    y.putAll(b);
    int order = compareAll(x.keySet().iterator(), y.keySet().iterator());
    return order != 0 ? order : compareAll(x.values().iterator(), y.values().iterator());
  }

  private int compareAll(Iterator<?> a, Iterator<?> b) {
    while (a.hasNext() && b.hasNext()) {
      int order = compareNullable(a.next(), b.next());
      if (order != 0) {
        return order;
      }
    }
    return Boolean.compare(a.hasNext(), b.hasNext());
  }

  @Override
  public String toString() {
    return "TermOrder";
  }
}
