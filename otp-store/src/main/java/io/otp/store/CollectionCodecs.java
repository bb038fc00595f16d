package io.otp.store;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Codecs of what holds values. Sets and maps are written in the order of their bytes, so that equal
 * ones are written equally.
 */
final class CollectionCodecs {

  private CollectionCodecs() {}

  static <T> Codec<List<T>> list(Codec<T> element) {
    return codec(
        List.class,
        "list(" + element.shape() + ")",
        (list, out) -> {
          out.writeInt(list.size());
          for (T each : list) {
            element.write(each, out);
          }
        },
        in -> Collections.unmodifiableList(readInto(new ArrayList<>(), element, in)));
  }

  static <T> Codec<Set<T>> set(Codec<T> element) {
    return codec(
        Set.class,
        "set(" + element.shape() + ")",
        (set, out) -> {
          var parts = new ArrayList<byte[]>();
          for (T each : set) {
            parts.add(bytes(o -> element.write(each, o)));
          }
          writeSorted(parts, out);
        },
        in -> Collections.unmodifiableSet(readInto(new LinkedHashSet<>(), element, in)));
  }

  static <K, V> Codec<Map<K, V>> map(Codec<K> key, Codec<V> value) {
    return codec(
        Map.class,
        "map(" + key.shape() + "," + value.shape() + ")",
        (map, out) -> {
          var parts = new ArrayList<byte[]>();
          for (Map.Entry<K, V> entry : map.entrySet()) {
            parts.add(
                bytes(
                    o -> {
                      key.write(entry.getKey(), o);
                      value.write(entry.getValue(), o);
                    }));
          }
          writeSorted(parts, out);
        },
        in -> {
          var map = new LinkedHashMap<K, V>();
          for (int left = Codecs.length(in.readInt()); left > 0; left--) {
            map.put(key.read(in), value.read(in));
          }
          return Collections.unmodifiableMap(map);
        });
  }

  static <T> Codec<Optional<T>> optional(Codec<T> value) {
    return codec(
        Optional.class,
        "optional(" + value.shape() + ")",
        (optional, out) -> {
          out.writeBoolean(optional.isPresent());
          if (optional.isPresent()) {
            value.write(optional.get(), out);
          }
        },
        in -> in.readBoolean() ? Optional.of(value.read(in)) : Optional.empty());
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // a class has no type arguments
  private static <T> Codec<T> codec(
      Class type, String shape, Codecs.Writer<T> writer, Codecs.Reader<T> reader) {
    return new Codecs.Plain<T>(type, shape, writer, reader);
  }

  private static <T, C extends Collection<T>> C readInto(C all, Codec<T> element, DataInput in)
      throws IOException {
    for (int left = Codecs.length(in.readInt()); left > 0; left--) {
      all.add(element.read(in));
    }
    return all;
  }

  private interface Writing {
    void to(DataOutput out) throws IOException;
  }

  private static byte[] bytes(Writing writing) throws IOException {
    var bytes = new ByteArrayOutputStream();
    writing.to(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static void writeSorted(List<byte[]> parts, DataOutput out) throws IOException {
    parts.sort(Arrays::compareUnsigned);
    out.writeInt(parts.size());
    for (byte[] part : parts) {
      out.write(part);
    }
  }
}
