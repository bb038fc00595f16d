package io.otp.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A file of MVStore in which a save is whole or is not there.
 *
 * <p>MVStore takes a save ("chunk") for whole when its first and its last bytes can be read, and
 * looks at nothing between. A disk writes in any order, so after a loss of power both may be there
 * and the middle not: it reads nonsense, or finds an empty table. Here the last bytes of a chunk,
 * its footer, are written when all before them has been forced to the disk: a footer that can be
 * read proves its chunk. The file's header tells where the newest chunk is, and MVStore is content
 * with an old one if there is none; so it is written when that chunk has been forced.
 *
 * <p>Public because MVStore makes its instances.
 */
public final class OrderedFile extends FilePathWrapper {

  private static final String SCHEME = "otp";

  /** Two blocks with the same header; chunks are behind it. */
  private static final int HEADERS = 2 * 4096;

  private static final int FOOTER = 128;

  static {
    FilePath.register(new OrderedFile());
  }

  /** MVStore asks it for files; see {@link #name}. */
  public OrderedFile() {}

  /** MVStore's name of a file that is written in order. */
  public static String name(String plain) {
    return SCHEME + ":" + plain;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new Channel(super.open(mode));
  }

  private static final class Channel extends FileBaseDefault {
    private final FileChannel base;

    Channel(FileChannel base) {
      this.base = base;
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
      if (position < HEADERS) {
        base.force(true);
        return base.write(from, position);
      }
      int length = from.remaining();
      int body = length - FOOTER;
      writeFully(from.duplicate().limit(from.position() + body), position);
      base.force(true);
      writeFully(from.duplicate().position(from.position() + body), position + body);
      from.position(from.limit());
      return length;
    }

    private void writeFully(ByteBuffer from, long position) throws IOException {
      for (long at = position; from.hasRemaining(); ) {
        at += base.write(from, at);
      }
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
      return base.read(to, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      base.force(metaData);
    }

    @Override
    protected void implTruncate(long size) throws IOException {
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
