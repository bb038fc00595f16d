package io.otp.table;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Estimates how much memory an object takes, on a JVM with compressed references. */
final class Footprint {

  private static final int HEADER = 12;
  private static final int REFERENCE = 4;
  private static final int DEPTH = 6;
  private static final int ELEMENTS = 64;

  private Footprint() {}

  static long of(@Nullable Object value) {
    return of(value, DEPTH);
  }

  private static long of(@Nullable Object value, int depth) {
    if (value == null || depth == 0) {
      return 0;
    }
    return switch (value) {
      case String s -> 24 + aligned(16 + s.length());
      case Boolean _, Enum<?> _, Class<?> _ -> 0; // shared
      case Long _, Double _ -> 24;
      case Number _, Character _ -> 16;
      case Record record -> record(record, depth);
      case Optional<?> optional -> 16 + of(optional.orElse(null), depth - 1);
      case Collection<?> all -> 32 + elements(all, depth);
      case Map<?, ?> map -> 48 + elements(map.keySet(), depth) + elements(map.values(), depth);
      default -> 32;
    };
  }

  /** Of the first elements, projected to all. */
  private static long elements(Collection<?> all, int depth) {
    long bytes = 0;
    int seen = 0;
    for (Object element : all) {
      bytes += 2 * REFERENCE + of(element, depth - 1);
      if (++seen == ELEMENTS) {
        return bytes * all.size() / ELEMENTS;
      }
    }
    return bytes;
  }

  private static long record(Record record, int depth) {
    long bytes = HEADER;
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Class<?> type = component.getType();
      bytes += type == long.class || type == double.class ? 8 : REFERENCE;
      if (!type.isPrimitive() && component.getAccessor().trySetAccessible()) {
        bytes += of(read(component, record), depth - 1);
      }
    }
    return aligned(bytes);
  }

  private static @Nullable Object read(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      return null; // an estimate goes on
    }
  }

  private static long aligned(long bytes) {
    return bytes + 7 & ~7L;
  }
}
