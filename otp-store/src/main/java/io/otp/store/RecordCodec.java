package io.otp.store;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A record, by the names and types of its components. The class is the one that was given: what is
 * read makes instances of it with its constructor, which checks them.
 */
final class RecordCodec<R extends Record> implements Codec<R> {

  private record Part(String name, boolean primitive, Codec<Object> codec, Method accessor) {}

  private final Class<R> type;
  private final Constructor<R> constructor;
  private final List<Part> parts;

  private RecordCodec(Class<R> type, Constructor<R> constructor, List<Part> parts) {
    this.type = type;
    this.constructor = constructor;
    this.parts = parts;
  }

  static <R extends Record> RecordCodec<R> of(Class<R> type) {
    return of(type, new LinkedHashSet<>());
  }

  /**
   * @param within the records that it is a part of: none may be a part of itself
   */
  private static <R extends Record> RecordCodec<R> of(Class<R> type, Set<Class<?>> within) {
    if (!within.add(type)) {
      throw refusal(
          type,
          "is a part of itself, which has no codec. Write one for it and use"
              + " Codec.record for the records that are not");
    }
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      if (!constructor.trySetAccessible()) {
        throw refusal(
            type,
            "is not accessible. Add 'opens "
                + type.getPackageName()
                + " to io.otp.store;' to the module "
                + type.getModule().getName());
      }
      List<Part> parts = Arrays.stream(components).map(c -> part(type, c, within)).toList();
      within.remove(type);
      return new RecordCodec<>(type, constructor, parts);
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e); // every record has it
    }
  }

  @SuppressWarnings("unchecked") // the component's own type
  private static Part part(Class<?> type, RecordComponent component, Set<Class<?>> within) {
    Codec<?> codec = codec(type, component, component.getGenericType(), within);
    Method accessor = component.getAccessor();
    accessor.setAccessible(true); // the constructor was
    return new Part(
        component.getName(), component.getType().isPrimitive(), (Codec<Object>) codec, accessor);
  }

  private static Codec<?> codec(
      Class<?> type, RecordComponent component, Type of, Set<Class<?>> within) {
    if (of instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      Codec<?> first = codec(type, component, arguments[0], within);
      Type raw = generic.getRawType();
      if (raw == List.class) {
        return Codec.listOf(first);
      } else if (raw == Set.class) {
        return Codec.setOf(first);
      } else if (raw == Optional.class) {
        return Codec.optionalOf(first);
      } else if (raw == Map.class) {
        return Codec.mapOf(first, codec(type, component, arguments[1], within));
      }
    } else if (of instanceof Class<?> simple) {
      Class<?> boxed =
          simple.isPrimitive() ? MethodType.methodType(simple).wrap().returnType() : simple;
      for (Codec<?> known : Codecs.ALL) {
        if (known.type() == boxed) {
          return known;
        }
      }
      if (simple.isEnum()) {
        return enumCodec(simple);
      }
      if (simple.isRecord()) {
        return of(simple.asSubclass(Record.class), within);
      }
    }
    throw refusal(
        type,
        "has no codec for its component '"
            + component.getName()
            + "' of "
            + of.getTypeName()
            + ". Allowed are primitives, String, BigInteger, BigDecimal, UUID, Instant, Duration,"
            + " LocalDate, enums, records, and List, Set, Map and Optional of these. Write a Codec"
            + " of your own for the record, or keep such a component as one of these");
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // it is an enum
  private static Codec<?> enumCodec(Class<?> type) {
    return Codec.ofEnum((Class) type);
  }

  private static StoreException refusal(Class<?> type, String what) {
    return new StoreException(
        StoreException.Reason.SHAPE, "Record " + type.getTypeName() + " " + what + ".");
  }

  @Override
  public Class<R> type() {
    return type;
  }

  @Override
  public String shape() {
    return parts.stream()
        .map(part -> part.name() + ":" + (part.primitive() ? "" : "?") + part.codec().shape())
        .collect(Collectors.joining(",", "{", "}"));
  }

  @Override
  public void write(R value, DataOutput out) throws IOException {
    for (Part part : parts) {
      Object component = component(part, value);
      if (!part.primitive()) {
        out.writeBoolean(component != null);
      }
      if (component != null) {
        part.codec().write(component, out);
      }
    }
  }

  private static @Nullable Object component(Part part, Object value) {
    try {
      return part.accessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw refusal(value.getClass(), "cannot be read: its accessor " + part.name() + " fails");
    }
  }

  @Override
  public R read(DataInput in) throws IOException {
    Object[] components = new Object[parts.size()];
    for (int i = 0; i < components.length; i++) {
      Part part = parts.get(i);
      if (part.primitive() || in.readBoolean()) {
        components[i] = part.codec().read(in);
      }
    }
    try {
      return constructor.newInstance(components);
    } catch (InvocationTargetException e) {
      throw new IOException(
          "the constructor of " + type.getTypeName() + " refuses " + Arrays.toString(components),
          e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String toString() {
    return type.getSimpleName() + shape();
  }
}
