package io.otp.process;

import io.otp.process.KnownTypes.Kind;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The debug mode's walk over everything an object holds, elements included: at most {@value
 * #MAX_OBJECTS} objects, each entered once, always in the same order.
 */
final class DeepWalk {

  private static final int MAX_OBJECTS = 10_000;

  /**
   * The readable instance fields of a class. They are the class's own, so keeping them there pins
   * no other loader.
   */
  private static final ClassValue<Field[]> FIELDS =
      new ClassValue<>() {
        @Override
        protected Field[] computeValue(Class<?> type) {
          return Shape.of(type).members().stream()
              .map(Shape.Member::field)
              .filter(Field::trySetAccessible)
              .toArray(Field[]::new);
        }
      };

  /** An object and how it was reached. */
  private record Step(@Nullable Object value, String label, @Nullable Step owner) {

    Place place() {
      Place place = Place.labelled(label);
      for (Step step = owner; step != null; step = step.owner) {
        place = place.under(Place.labelled(step.label));
      }
      return place;
    }
  }

  private final KnownTypes known;
  private final Deque<Step> ahead = new ArrayDeque<>();
  private final Map<Object, Integer> entered = new IdentityHashMap<>();

  private DeepWalk(KnownTypes known, Object root) {
    this.known = known;
    ahead.push(new Step(root, "", null));
  }

  /**
   * Where {@code root} holds the first object of a class that is {@code wanted}, or {@code null}.
   */
  static @Nullable Found find(Object root, KnownTypes known, Predicate<Class<?>> wanted) {
    var walk = new DeepWalk(known, root);
    for (int i = 0; i < MAX_OBJECTS && !walk.ahead.isEmpty(); i++) {
      Step step = walk.ahead.pop();
      if (step.value != null && wanted.test(step.value.getClass())) {
        return new Found(step.value.getClass(), step.place());
      }
      walk.enter(step);
    }
    return null;
  }

  /** What {@link #find} found. */
  record Found(Class<?> type, Place place) {}

  /** A hash of structure and content: another one means that something changed. */
  static int fingerprint(Object root, KnownTypes known) {
    var walk = new DeepWalk(known, root);
    int hash = 1;
    for (int i = 0; i < MAX_OBJECTS && !walk.ahead.isEmpty(); i++) {
      hash = 31 * hash + walk.enter(walk.ahead.pop());
    }
    return hash;
  }

  /** Puts what {@code step} holds ahead and returns the hash of the rest of it. */
  private int enter(Step step) {
    Object value = step.value;
    if (value == null) {
      return 0;
    }
    Integer before = entered.putIfAbsent(value, entered.size());
    if (before != null) {
      return before;
    }
    Class<?> type = value.getClass();
    Kind kind = known.kindOf(type);
    switch (value) {
      case Object[] array -> elements(Arrays.asList(array), step);
      case Optional<?> optional -> ahead.push(new Step(optional.orElse(null), "get()", step));
      case Map<?, ?> map -> entries(map, step);
      case Collection<?> collection -> elements(collection, step);
      case Iterable<?> iterable when kind == Kind.CONTAINER -> elements(iterable, step);
      default -> {
        if (kind != Kind.UNKNOWN || type.isArray() || KnownTypes.isJdk(type)) {
          return contentHash(value);
        }
        fields(value, step);
      }
    }
    return type.hashCode();
  }

  private static int contentHash(Object value) {
    return switch (value) {
      case Number number -> number.toString().hashCode(); // an AtomicLong has no hash of its own
      case CharSequence text -> text.toString().hashCode();
      default -> Arrays.deepHashCode(new Object[] {value}); // knows primitive arrays
    };
  }

  private void elements(Iterable<?> elements, Step owner) {
    int index = 0;
    for (Object element : elements) {
      if (index == MAX_OBJECTS) {
        return;
      }
      ahead.push(new Step(element, "[" + index++ + "]", owner));
    }
  }

  private void entries(Map<?, ?> map, Step owner) {
    int index = 0;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (index == MAX_OBJECTS) {
        return;
      }
      ahead.push(new Step(entry.getKey(), "[" + index + "].key", owner));
      ahead.push(new Step(entry.getValue(), "[" + index++ + "].value", owner));
    }
  }

  private void fields(Object value, Step owner) {
    for (Field field : FIELDS.get(value.getClass())) {
      try {
        ahead.push(new Step(field.get(value), field.getName(), owner));
      } catch (IllegalAccessException e) {
        throw new AssertionError(e); // made accessible above
      }
    }
  }
}
