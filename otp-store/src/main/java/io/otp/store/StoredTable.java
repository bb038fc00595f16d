package io.otp.store;

import io.otp.table.TableType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of a table in it: its type and the shapes of its keys and values.
 *
 * @param name of the map that has its objects
 */
record StoredTable<K, V>(String name, TableType type, Codec<K> key, Codec<V> value) {

  private static final String PREFIX = "table.";

  String mapName() {
    return PREFIX + name;
  }

  private String description() {
    return type + " of " + key.shape() + " to " + value.shape();
  }

  /** Notes the table in a new file; in one that has it, looks whether it is the same. */
  void fits(MVStore store) {
    Map<String, String> header = StoreOpening.header(store);
    String there = header.get(mapName());
    if (there == null) {
      if (!store.isReadOnly()) {
        header.put(mapName(), description());
      }
    } else if (!there.equals(description())) {
      throw new StoreException(
          StoreException.Reason.SHAPE,
          "Table '"
              + name
              + "' is in its file a "
              + there
              + ", and was asked for as a "
              + description()
              + ". Open it with the type and the codecs it was made with; to change them, copy its"
              + " objects into a new table. The file is as it was.");
    }
  }

  /** Reads every object. */
  void whole(MVStore store) throws IOException {
    if (!store.hasMap(mapName())) {
      return;
    }
    Cursor<byte[], byte[]> cursor = StoreOpening.map(store, mapName()).cursor(null);
    while (cursor.hasNext()) {
      Packed.decode(key, cursor.next());
      List<byte[]> objects = Packed.unpack(cursor.getValue());
      if (objects.isEmpty()) {
        throw new IOException("a key without objects");
      }
      for (byte[] object : objects) {
        Packed.decode(value, object);
      }
    }
  }

  K readKey(byte[] bytes) {
    return read(key, bytes);
  }

  V readValue(byte[] bytes) {
    return read(value, bytes);
  }

  private <T> T read(Codec<T> codec, byte[] bytes) {
    try {
      return Packed.decode(codec, bytes);
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Reason.DAMAGED,
          "An object of table '"
              + name
              + "' cannot be read as "
              + codec.shape()
              + ": "
              + e.getMessage()
              + ". Close the table and open it with Repair.FORCE.",
          e);
    }
  }

  /** How many objects a map has. */
  static long count(MVMap<byte[], byte[]> map, TableType type) {
    if (type.isSet()) {
      return map.sizeAsLong();
    }
    long count = 0;
    for (Cursor<byte[], byte[]> cursor = map.cursor(null); cursor.hasNext(); ) {
      cursor.next();
      count += Packed.count(cursor.getValue());
    }
    return count;
  }

  /** Puts what is under a key, {@code null} for nothing. */
  static void put(MVMap<byte[], byte[]> map, byte[] key, byte @Nullable [] packed) {
    if (packed == null) {
      map.remove(key);
    } else {
      map.put(key, packed);
    }
  }
}
