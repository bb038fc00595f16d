package io.otp.store;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One of several types, each under a name that stands for it in the file. */
final class OneOfCodec<T> implements Codec<T> {

  private final Class<T> type;
  private final Map<String, Codec<? extends T>> variants;
  private final Map<Class<?>, String> names = new HashMap<>();

  OneOfCodec(Class<T> type, Map<String, Codec<? extends T>> variants) {
    this.type = type;
    this.variants = new TreeMap<>(variants);
    this.variants.forEach(
        (name, codec) -> {
          String other = names.put(codec.type(), name);
          if (other != null) {
            throw new StoreException(
                StoreException.Reason.SHAPE,
                "The variants '"
                    + other
                    + "' and '"
                    + name
                    + "' of "
                    + type.getTypeName()
                    + " are both of "
                    + codec.type().getTypeName()
                    + ". Give each class one variant.");
          }
        });
  }

  @Override
  public Class<T> type() {
    return type;
  }

  @Override
  public String shape() {
    return variants.entrySet().stream()
        .map(variant -> variant.getKey() + ":" + variant.getValue().shape())
        .collect(Collectors.joining("|", "oneof(", ")"));
  }

  @Override
  public void write(T value, DataOutput out) throws IOException {
    Class<?> of = value instanceof Enum<?> e ? e.getDeclaringClass() : value.getClass();
    String name = names.get(of);
    if (name == null) {
      throw new StoreException(
          StoreException.Reason.SHAPE,
          "A "
              + value.getClass().getTypeName()
              + " is none of the variants "
              + variants.keySet()
              + " of "
              + type.getTypeName()
              + ". Add a variant to Codec.oneOf.");
    }
    Codecs.writeText(name, out);
    write(Objects.requireNonNull(variants.get(name)), value, out);
  }

  @SuppressWarnings("unchecked") // found by the class of the value
  private static <C> void write(Codec<C> codec, Object value, DataOutput out) throws IOException {
    codec.write((C) value, out);
  }

  @Override
  public T read(DataInput in) throws IOException {
    String name = Codecs.readText(in);
    Codec<? extends T> variant = variants.get(name);
    if (variant == null) {
      throw new IOException("no variant " + name + ", known are " + variants.keySet());
    }
    return variant.read(in);
  }
}
