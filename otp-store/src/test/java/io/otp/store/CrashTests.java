package io.otp.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.ProcessRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that are killed (SIGKILL) while they write. {@code -Dotp.store.crashes=50} kills more. */
class CrashTests {

  private static final int CRASHES = Integer.getInteger("otp.store.crashes", 3);
  private static final int ACCOUNTS = 10;
  private static final long EACH = 1_000;

  @RegisterExtension final TestRuntime otp = new TestRuntime();
  @TempDir Path folder;

  static DetsSpec<Long, String> dets(Path folder) {
    return DetsSpec.set("t", folder.resolve("t.dets"), Codec.ofLong(), Codec.ofString());
  }

  static MnesiaSpec<Integer, Long> accounts(int table) {
    return MnesiaSpec.set("accounts" + table, Codec.ofInt(), Codec.ofLong())
        .withCopies(Copies.DISC);
  }

  static final MnesiaSpec<String, Long> DONE =
      MnesiaSpec.set("done", Codec.ofString(), Codec.ofLong()).withCopies(Copies.DISC);

  static Mnesia mnesia(ProcessRuntime runtime, Path folder) {
    return Mnesia.start(
        runtime, folder.resolve("bank"), accounts(0), accounts(1), accounts(2), DONE);
  }

  /** What an object is that has the key {@code n}: a part of one is seen. */
  static String value(long n) {
    return n + ":" + "v".repeat((int) (n % 4_000)) + ":" + n;
  }

  /** What runs in the other JVM: writes for ever, and tells what is on the disk. */
  public static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws InterruptedException {
      Path folder = Path.of(args[1]);
      var runtime = ProcessRuntime.builder().build();
      if (args[0].equals("dets")) {
        runtime.spawn(self -> writeDets(Dets.open(self, dets(folder))));
      } else {
        Mnesia mnesia = mnesia(runtime, folder);
        for (int i = 0; i < 3; i++) {
          int writer = i;
          runtime.spawn(_ -> transfer(mnesia, writer));
        }
      }
      new CountDownLatch(1).await();
    }

    private static void writeDets(DetsTable<Long, String> t) {
      long first = t.size();
      for (long n = first; ; n++) {
        t.insert(n, value(n));
        if (n % 20 == 19) {
          t.sync();
          System.out.println(n);
        }
      }
    }

    /** Moves money between accounts of three tables, and counts how often. */
    private static void transfer(Mnesia mnesia, int writer) {
      var random = new Random();
      String me = "writer" + writer;
      for (int i = 0; ; i++) {
        MnesiaSpec<Integer, Long> from = accounts(random.nextInt(3));
        MnesiaSpec<Integer, Long> to = accounts(random.nextInt(3));
        int payer = random.nextInt(ACCOUNTS);
        int payee = random.nextInt(ACCOUNTS);
        Function<Activity, Long> fun =
            tx -> {
              add(tx, from, payer, -1);
              add(tx, to, payee, 1);
              long done = tx.wread(DONE, me).stream().findFirst().orElse(0L) + 1;
              tx.write(DONE, me, done);
              return done;
            };
        if (i % 4 == 3) {
          long done = mnesia.syncTransaction(fun).orExit();
          System.out.println(writer + " " + done);
        } else {
          mnesia.transaction(fun).orExit();
        }
      }
    }

    private static void add(Activity tx, MnesiaSpec<Integer, Long> table, int account, long cents) {
      long before = tx.wread(table, account).stream().findFirst().orElse(EACH);
      tx.write(table, account, before + cents);
    }
  }

  /** Runs the writer, kills it at a random moment; returns the lines it told. */
  private List<String> crash(String what, Random random) throws IOException, InterruptedException {
    Path told = folder.resolve("told");
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                what,
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(told.toFile())
            .start();
    try {
      int lines = 2 + random.nextInt(60);
      TestRuntime.await(
          "the writer writes", () -> lines(told).size() >= lines || !writer.isAlive());
      for (int spin = random.nextInt(2_000_000); spin > 0; spin--) {
        Thread.onSpinWait();
      }
      assertThat(writer.isAlive()).as("%s", lines(told)).isTrue();
    } finally {
      writer.destroyForcibly().waitFor();
    }
    return lines(told);
  }

  /** Those that are whole. */
  private static List<String> lines(Path file) {
    try {
      String text = Files.readString(file);
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .filter(line -> !line.contains("WARN")) // of the repair
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test // 9.22, 9.23, 9.25
  void aTableOpensAfterACrashWithAllThatWasSyncedAndNothingTorn() throws Exception {
    Random random = TestRuntime.random("CrashTests.dets");
    for (int i = 0; i < CRASHES; i++) {
      List<String> told = crash("dets", random);
      long synced = told.stream().mapToLong(Long::parseLong).max().orElseThrow();
      otp.run(
          self -> {
            DetsTable<Long, String> t = Dets.open(self, dets(folder));
            assertThat(t.info().orElseThrow().repaired()).isTrue();
            for (long n = 0; n <= synced; n++) {
              assertThat(t.get(n)).as("object %s of %s", n, synced).isPresent();
            }
            assertThat(t.<Long>fold(0L, CrashTests::checked)).isEqualTo(t.size());
            System.out.println("crash: " + (synced + 1) + " synced, " + t.size() + " there");
            t.close();
          });
    }
  }

  private static long checked(long count, Long key, String value) {
    assertThat(value).isEqualTo(value(key));
    return count + 1;
  }

  @Test // 9.30, 9.35
  void transactionsAreThereAfterACrashAsAWholeOrNotAtAll() throws Exception {
    Random random = TestRuntime.random("CrashTests.mnesia");
    for (int i = 0; i < CRASHES; i++) {
      List<String> told = crash("mnesia", random);
      Mnesia mnesia = mnesia(otp.runtime(), folder);
      long moved =
          mnesia.<Long>asyncDirty(
              d -> {
                long sum = 0;
                for (int table = 0; table < 3; table++) {
                  sum = d.foldl(accounts(table), sum, (s, _, cents) -> s + cents - EACH);
                }
                return sum;
              });
      assertThat(moved).as("no cent was made or lost").isZero();
      for (String line : told) {
        String[] parts = line.split(" ");
        List<Long> done = mnesia.asyncDirty(d -> d.read(DONE, "writer" + parts[0]));
        assertThat(done.getFirst())
            .as("synced transactions of %s", line)
            .isGreaterThanOrEqualTo(Long.parseLong(parts[1]));
      }
      System.out.println("crash after " + told.size() + " synced transactions");
      mnesia.stop();
    }
    assertThat(Files.exists(folder.resolve("bank"))).isTrue();
  }
}
