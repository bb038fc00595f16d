package io.otp.store;

import io.otp.store.disk.OrderedFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.MVStoreTool;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a file becomes a store. A new one is made under another name, forced to the disk and then
 * given its own: a file with that name is whole from the first moment. One that is there is opened
 * for reading first, and left as it is if it is something else, was made by a later version, or may
 * not be repaired.
 *
 * <p>Repair: MVStore finds the newest save, which is whole ({@link OrderedFile}), and every object
 * is read. If one cannot be read, or a later save has been there, the disk has lost what it had
 * been forced to keep. {@link Repair#AUTO} refuses that; {@link Repair#FORCE} tries the versions
 * before, in a copy that takes the place of the file only when all of it can be read.
 */
final class StoreOpening {

  private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);

  /** Version of what is in a file. */
  static final int VERSION = 1;

  static final String STATE = "state";
  static final String OPEN = "open";
  static final String CLOSED = "closed";
  private static final String HEADER = "otp";
  private static final String VERSION_KEY = "version";
  private static final String KIND = "kind";

  /** How a file of MVStore begins, and its second block. */
  private static final String MAGIC = "H:2,";

  private static final int BLOCK = 4096;
  private static final String CHECKSUM = ",fletcher:";

  /** How many versions {@link Repair#FORCE} tries at most. */
  private static final int TRIES = 16;

  /** Reads every object; throws what it likes if one cannot be read. */
  interface Check {
    /**
     * Whether this is what its user wants, before anything is written.
     *
     * @throws StoreException if it is not
     */
    void fits(MVStore store);

    /** Whether every object can be read. */
    void whole(MVStore store) throws IOException;
  }

  record Opened(MVStore store, boolean repaired) {}

  private final Path path;
  private final String kind;
  private final Check check;

  StoreOpening(Path path, String kind, Check check) {
    this.path = path;
    this.kind = kind;
    this.check = check;
  }

  static MVMap<byte[], byte[]> map(MVStore store, String name) {
    return store.openMap(
        name,
        new MVMap.Builder<byte[], byte[]>()
            .keyType(BytesType.INSTANCE)
            .valueType(BytesType.INSTANCE));
  }

  static MVMap<String, String> header(MVStore store) {
    return store.openMap(
        HEADER,
        new MVMap.Builder<String, String>()
            .keyType(StringDataType.INSTANCE)
            .valueType(StringDataType.INSTANCE));
  }

  /**
   * Writes what has changed and forces it to the disk, with the file's header. Left alone MVStore
   * writes that header now and then; the save that it names may be overwritten meanwhile, and then
   * an old one is found after a crash. It writes it when the mark of a closed file is to be taken
   * away. Nothing is done in memory.
   */
  static void save(MVStore store) {
    if (store.getFileStore() == null) {
      return;
    }
    store.getStoreHeader().put("clean", 1);
    store.commit();
    store.sync();
  }

  private static MVStore.Builder builder(Path path) {
    // MVStore's background thread would save in the middle of a task.
    return new MVStore.Builder().fileName(OrderedFile.name(fileName(path))).autoCommitDisabled();
  }

  /** With the scheme that tests put another file system behind. */
  private static String fileName(Path path) {
    return "file:" + path.toAbsolutePath();
  }

  /** In memory only: nothing is kept. */
  static Opened inMemory() {
    return new Opened(new MVStore.Builder().autoCommitDisabled().open(), false);
  }

  Opened open(Repair repair) {
    try {
      if (Files.notExists(path)) {
        create();
      }
      boolean clean = inspect(repair) == State.CLEAN;
      if (clean && repair != Repair.FORCE) {
        return new Opened(openFor(path), false);
      }
      if (!clean) {
        LOG.warn("Store {} was not closed; it is repaired", path);
      }
      return new Opened(repaired(repair), !clean);
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Reason.IO,
          "Store " + path + " cannot be opened: " + e + ". See to the disk and the folder.",
          e);
    }
  }

  private void create() throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    MVStore store = builder(fresh).open();
    try {
      MVMap<String, String> header = header(store);
      header.put(VERSION_KEY, String.valueOf(VERSION));
      header.put(KIND, kind);
      header.put(STATE, CLOSED);
      check.fits(store);
      store.commit();
      store.sync();
    } finally {
      store.close();
    }
    Files.move(fresh, path); // fails if another has made one meanwhile
    forceFolder(folder);
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static void forceFolder(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.debug("Folder {} cannot be forced to the disk here", folder, e);
    }
  }

  private enum State {
    CLEAN,
    NOT_CLOSED
  }

  /** Reads without writing. */
  private State inspect(Repair repair) throws IOException {
    if (!looksLikeOne()) {
      throw notAStore();
    }
    State state;
    try (MVStore store = builder(path).readOnly().open()) {
      state = store.getCurrentVersion() < headerVersion() ? State.NOT_CLOSED : inspect(store);
    } catch (MVStoreException e) {
      if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
        throw new StoreException(
            StoreException.Reason.LOCKED,
            "Store " + path + " is open elsewhere. Close it there, or use another file.",
            e);
      }
      LOG.debug("Store {} cannot be read as it is", path, e);
      state = State.NOT_CLOSED;
    }
    if (state == State.NOT_CLOSED && repair == Repair.REFUSE) {
      throw new StoreException(
          StoreException.Reason.NEEDS_REPAIR,
          "Store "
              + path
              + " was not closed and is not to be repaired. Open it with Repair.AUTO. The file is"
              + " as it was.");
    }
    return state;
  }

  private State inspect(MVStore store) {
    if (!store.hasMap(HEADER)) {
      throw notAStore();
    }
    MVMap<String, String> header = header(store);
    String version = header.get(VERSION_KEY);
    if (version == null || !kind.equals(header.get(KIND))) {
      throw notAStore();
    }
    if (!version.equals(String.valueOf(VERSION))) {
      throw new StoreException(
          StoreException.Reason.VERSION,
          "Store "
              + path
              + " has version "
              + version
              + " and this is written for version "
              + VERSION
              + ". Open it with the release that made it, or a later one. The file is as it was.");
    }
    check.fits(store);
    return CLOSED.equals(header.get(STATE)) ? State.CLEAN : State.NOT_CLOSED;
  }

  /** One of the two headers of a file of MVStore is there. */
  private boolean looksLikeOne() throws IOException {
    for (byte[] block : headers()) {
      if (new String(block, StandardCharsets.ISO_8859_1).startsWith(MAGIC)) {
        return true;
      }
    }
    return false;
  }

  /** The newest version that a header of the file knows of: it is, or was, there. */
  private long headerVersion() throws IOException {
    long newest = 0;
    for (byte[] block : headers()) {
      String text = new String(block, StandardCharsets.ISO_8859_1);
      int end = text.indexOf(CHECKSUM);
      if (end > 0 && isWhole(block, end, text)) {
        Map<String, String> items = DataUtils.parseMap(text.substring(0, end));
        newest = Math.max(newest, DataUtils.readHexLong(items, "version", 0));
      }
    }
    return newest;
  }

  private static boolean isWhole(byte[] block, int end, String text) {
    String sum = text.substring(end + CHECKSUM.length()).lines().findFirst().orElse("");
    return sum.equals(Integer.toHexString(DataUtils.getFletcher32(block, 0, end)));
  }

  private List<byte[]> headers() throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return List.of(in.readNBytes(BLOCK), in.readNBytes(BLOCK));
    }
  }

  private StoreException notAStore() {
    return new StoreException(
        StoreException.Reason.NOT_A_STORE,
        path
            + " is not a store of "
            + kind
            + ". Name another file, or move this one away to begin with an empty store. The file is"
            + " as it was.");
  }

  private static MVStore openFor(Path file) {
    MVStore store = builder(file).open();
    header(store).put(STATE, OPEN);
    save(store);
    return store;
  }

  private MVStore repaired(Repair repair) throws IOException {
    Exception found = tryWhole(path, repair == Repair.FORCE ? 0 : headerVersion());
    if (found == null) {
      return openFor(path);
    }
    if (repair == Repair.FORCE && goBack(found)) {
      return openFor(path);
    }
    throw new StoreException(
        StoreException.Reason.DAMAGED,
        "Store "
            + path
            + " cannot be read and cannot be repaired: "
            + found
            + ". Restore it from a backup, or open it with Repair.FORCE to have what can be read of"
            + " an earlier state. The file is as it was.",
        found);
  }

  /** Makes the file what it was at the newest version of which all can be read. */
  private boolean goBack(Exception found) throws IOException {
    Path copy = path.resolveSibling(path.getFileName() + ".temp");
    try {
      long version = Long.MAX_VALUE;
      for (int tries = 0; tries < TRIES && version >= 0; tries++) {
        version = rollback(version);
        if (version >= 0 && tryWhole(copy, 0) == null) {
          LOG.warn(
              "Store {} is damaged ({}); it is as it was before, at version {}",
              path,
              found.toString(),
              version);
          force(copy);
          Files.move(copy, path, StandardCopyOption.ATOMIC_MOVE);
          forceFolder(path.toAbsolutePath().getParent());
          return true;
        }
        version--;
      }
      return false;
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /** Copies what the file was at a version, or the newest before it; returns that. */
  private long rollback(long version) {
    try {
      return MVStoreTool.rollback(fileName(path), version, new PrintWriter(Writer.nullWriter()));
    } catch (MVStoreException e) {
      LOG.debug("Version {} of {} cannot be read", version, path, e);
      return -1;
    }
  }

  /** Why not all of it can be read, {@code null} if it can. */
  private @Nullable Exception tryWhole(Path file, long oldest) {
    try (MVStore store = builder(file).readOnly().open()) {
      if (store.getCurrentVersion() < oldest) {
        return new IOException(
            "what can be read is of version "
                + store.getCurrentVersion()
                + ", and there was a later one");
      }
      if (!store.hasMap(HEADER)) {
        return new IOException("it has no header");
      }
      check.fits(store);
      check.whole(store);
      return null;
    } catch (IOException | RuntimeException e) {
      return e;
    }
  }
}
