package io.otp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Notes what MVStore does to a file, and makes what a loss of power could leave of it: all that was
 * forced to the disk, and of the rest any sectors.
 */
public final class RecordedDisk extends FilePathWrapper {

  private static final int SECTOR = 512;

  sealed interface Event {}

  record Write(long position, byte[] bytes) implements Event {}

  record Truncate(long size) implements Event {}

  record Force() implements Event {}

  private static volatile String recorded = "";
  private static final List<Event> EVENTS = new ArrayList<>();

  /** Notes what is done to {@code file} from now on, nothing if it is empty. */
  static void record(String file) {
    FilePath.register(new RecordedDisk());
    synchronized (EVENTS) {
      EVENTS.clear();
    }
    recorded = file;
  }

  static List<Event> events() {
    synchronized (EVENTS) {
      return List.copyOf(EVENTS);
    }
  }

  private static void note(Event event) {
    synchronized (EVENTS) {
      EVENTS.add(event);
    }
  }

  /** What could be there if the power went after {@code events}, which began with {@code start}. */
  static void write(Path file, byte[] start, List<Event> events, Random random) throws IOException {
    int forced = 0;
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof Force) {
        forced = i + 1;
      }
    }
    Files.write(file, start);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int i = 0; i < events.size(); i++) {
        switch (events.get(i)) {
          case Write(long position, byte[] bytes) -> {
            for (int from = 0; from < bytes.length; from += SECTOR) {
              if (i < forced || random.nextInt(4) != 0) {
                int to = Math.min(bytes.length, from + SECTOR);
                channel.write(
                    ByteBuffer.wrap(Arrays.copyOfRange(bytes, from, to)), position + from);
              }
            }
          }
          case Truncate(long size) -> {
            if (i < forced || random.nextBoolean()) {
              channel.truncate(size);
            }
          }
          case Force() -> {}
        }
      }
    }
  }

  @Override
  public String getScheme() {
    return "file";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    FileChannel base = super.open(mode);
    return !recorded.isEmpty() && toString().endsWith(recorded) ? new Recorder(base) : base;
  }

  private static final class Recorder extends FileBaseDefault {
    private final FileChannel base;

    Recorder(FileChannel base) {
      this.base = base;
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
      return base.read(to, position);
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
      byte[] bytes = new byte[from.remaining()];
      from.duplicate().get(bytes);
      note(new Write(position, bytes));
      return base.write(from, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      base.force(metaData);
      note(new Force());
    }

    @Override
    protected void implTruncate(long size) throws IOException {
      note(new Truncate(size));
      base.truncate(size);
    }

    @Override
    public long size() throws IOException {
      return base.size();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return base.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      base.close();
    }
  }
}
