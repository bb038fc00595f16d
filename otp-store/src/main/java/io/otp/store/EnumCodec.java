package io.otp.store;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Constants of an enum, by name: their order may change. */
final class EnumCodec<E extends Enum<E>> implements Codec<E> {

  private final Class<E> type;
  private final Map<String, E> constants = new HashMap<>();

  EnumCodec(Class<E> type) {
    this.type = type;
    for (E constant : type.getEnumConstants()) {
      constants.put(constant.name(), constant);
    }
  }

  @Override
  public Class<E> type() {
    return type;
  }

  @Override
  public String shape() {
    return Arrays.stream(type.getEnumConstants())
        .map(Enum::name)
        .sorted()
        .collect(Collectors.joining(",", "enum(", ")"));
  }

  @Override
  public void write(E value, DataOutput out) throws IOException {
    Codecs.writeText(value.name(), out);
  }

  @Override
  public E read(DataInput in) throws IOException {
    String name = Codecs.readText(in);
    E constant = constants.get(name);
    if (constant == null) {
      throw new IOException("no constant " + name + ", known are " + constants.keySet());
    }
    return constant;
  }
}
