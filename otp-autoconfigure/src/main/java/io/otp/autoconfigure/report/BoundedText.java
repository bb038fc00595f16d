package io.otp.autoconfigure.report;

import java.lang.reflect.Array;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The text of any value, cut off early: a state of a million entries costs no more than the text
 * that is shown of it. Records, maps, collections and arrays are walked; what ends a text that was
 * cut is {@code …}.
 */
public final class BoundedText {

  private static final int MAX_DEPTH = 8;

  private final StringBuilder text = new StringBuilder();
  private final int limit;

  private BoundedText(int limit) {
    this.limit = limit;
  }

  /**
   * The text of {@code value}.
   *
   * @param limit most characters, not counting the {@code …}
   */
  public static String of(@Nullable Object value, int limit) {
    var bounded = new BoundedText(limit);
    bounded.append(value, 0);
    return bounded.text.toString();
  }

  private boolean isFull() {
    return text.length() > limit;
  }

  private void append(String part) {
    if (isFull()) {
      return;
    }
    if (text.length() + part.length() <= limit) {
      text.append(part);
    } else {
      text.append(part, 0, limit - text.length()).append('…');
    }
  }

  private void append(@Nullable Object value, int depth) {
    switch (value) {
      case null -> append("null");
      case CharSequence chars -> append(chars.toString());
      case Map<?, ?> map -> sequence("{", map.entrySet().iterator(), "}", depth, this::entry);
      case Map.Entry<?, ?> entry -> entry(entry, depth);
      case Iterable<?> values when !(values instanceof Path) ->
          sequence("[", values.iterator(), "]", depth, this::append);
      case Record fields when !hasOwnText(fields) -> fields(fields, depth);
      default -> {
        if (value.getClass().isArray()) {
          array(value, depth);
        } else {
          append(textOf(value));
        }
      }
    }
  }

  private interface Part<T> {
    void append(T part, int depth);
  }

  private <T> void sequence(
      String open, Iterator<T> parts, String close, int depth, Part<? super T> part) {
    append(open);
    if (depth == MAX_DEPTH && parts.hasNext()) {
      append("…");
    } else {
      for (String comma = ""; parts.hasNext() && !isFull(); comma = ", ") {
        append(comma);
        part.append(parts.next(), depth + 1);
      }
    }
    append(close);
  }

  private void entry(Map.Entry<?, ?> entry, int depth) {
    append(entry.getKey(), depth);
    append("=");
    append(entry.getValue(), depth);
  }

  private void array(Object array, int depth) {
    Iterator<Integer> indexes = IntStream.range(0, Array.getLength(array)).iterator();
    sequence("[", indexes, "]", depth, (i, d) -> append(Array.get(array, i), d));
  }

  private void fields(Record fields, int depth) {
    sequence(
        fields.getClass().getSimpleName() + "[",
        List.of(fields.getClass().getRecordComponents()).iterator(),
        "]",
        depth,
        (field, d) -> {
          append(field.getName());
          append("=");
          append(valueOf(fields, field), d);
        });
  }

  /** A record that says itself how it is shown may be hiding something. */
  private static boolean hasOwnText(Record fields) {
    try {
      Class<?> type = fields.getClass();
      return (type.getMethod("toString").getModifiers() & Modifier.FINAL) == 0;
    } catch (NoSuchMethodException e) {
      return true;
    }
  }

  private static @Nullable Object valueOf(Record fields, RecordComponent component) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(fields);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return "?";
    }
  }

  /** Code of others, which may throw. */
  private static String textOf(Object value) {
    try {
      return String.valueOf(value);
    } catch (RuntimeException | StackOverflowError e) {
      return value.getClass().getName() + " whose toString threw " + e.getClass().getName();
    }
  }

  /** Gives the name and value of each component of {@code fields} that has a value. */
  static void forEachComponent(Record fields, BiConsumer<String, Object> action) {
    for (RecordComponent component : fields.getClass().getRecordComponents()) {
      Object value = valueOf(fields, component);
      if (value != null) {
        action.accept(component.getName(), value);
      }
    }
  }
}
