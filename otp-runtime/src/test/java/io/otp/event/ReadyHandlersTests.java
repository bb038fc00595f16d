package io.otp.event;

import static io.otp.TestRuntime.QUIET;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.otp.TestRuntime;
import io.otp.event.ForwardHandler.To;
import io.otp.process.Pid;
import io.otp.process.Sys;
import io.otp.server.StartResult;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The handlers that come with the library. */
class ReadyHandlersTests {

  private static final HandlerId<RingHandler> RING = HandlerId.of(RingHandler.class);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private EventManagerRef<Object> manager;

  @BeforeEach
  void start() {
    var started = (StartResult.Started) EventManager.unnamed().start(otp.runtime());
    manager = EventManagerRef.of(otp.runtime(), started.pid());
  }

  // --- log

  @Test
  void logHandlerLogsEachEventOnce() {
    var logger = (Logger) LoggerFactory.getLogger("shop.sales");
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    logger.addAppender(lines);
    try {
      manager.addHandler(LogHandler.INSTANCE, LogHandler.To.logger("shop.sales").at(Level.WARN));
      manager.syncNotify("tea {}");
      manager.send("an info");
      manager.whichHandlers();
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .extracting(e -> e.getLevel() + " " + e.getFormattedMessage())
        .containsExactly("WARN tea {}");
    assertThat(otp.reports()).isEmpty();
  }

  // --- ring

  @Test
  void ringKeepsTheLastEventsWhateverItsSize() {
    Random random = TestRuntime.random("ringKeepsTheLastEventsWhateverItsSize");
    for (int round = 0; round < 30; round++) {
      int size = 1 + random.nextInt(9);
      int count = random.nextInt(40);
      manager.addHandler(RingHandler.INSTANCE, new RingHandler.Size(size));
      IntStream.range(0, count).forEach(manager::notify);
      int most = random.nextInt(12);
      List<Integer> kept = IntStream.range(Math.max(0, count - size), count).boxed().toList();
      assertThat(manager.call(RING, RingHandler.LAST).orElseThrow()).isEqualTo(kept);
      assertThat(manager.call(RING, new RingHandler.Last(most)).orElseThrow())
          .isEqualTo(kept.subList(Math.max(0, kept.size() - most), kept.size()));
      assertThat(Sys.getState(manager.whereis().orElseThrow()))
          .asString()
          .contains("state=" + kept);
      manager.deleteHandler(RING, "x");
    }
  }

  @Test
  void ringThatTakesOverKeepsWhatFits() {
    manager.addHandler(RingHandler.INSTANCE, new RingHandler.Size(3));
    IntStream.range(0, 10).forEach(manager::notify);
    manager.swapHandler(RING, "x", HandlerSpec.of(RingHandler.INSTANCE, new RingHandler.Size(2)));
    assertThat(manager.call(RING, RingHandler.LAST).orElseThrow()).isEqualTo(List.of(8, 9));
    manager.notify(10);
    assertThat(manager.call(RING, RingHandler.LAST).orElseThrow()).isEqualTo(List.of(9, 10));
  }

  @Test
  void ringOfNothingIsRefused() {
    assertThatThrownBy(() -> new RingHandler.Size(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A ring of 0 events is not possible, it must be at least 1");
  }

  // --- forward

  @Test
  void forwardHandlerSendsEventsInOrderAndGoesWithItsReceiver() {
    otp.run(
        self -> {
          Pid receiver =
              self.spawn(
                  me -> {
                    self.runtime().send(self.pid(), List.of(next(me), next(me)));
                  });
          manager.addHandler(ForwardHandler.INSTANCE, To.pid(receiver));
          manager.notify("tea");
          manager.notify("coffee");
          assertThat(next(self)).isEqualTo(List.of("tea", "coffee"));
          await("the handler is gone", () -> manager.whichHandlers().isEmpty());
        });
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  void forwardHandlerOfANameWaitsForItsHolder() {
    manager.addHandler(ForwardHandler.INSTANCE, To.name("billing"));
    manager.syncNotify("lost");
    otp.run(
        self -> {
          self.register("billing");
          manager.notify("tea");
          assertThat(next(self)).isEqualTo("tea");
        });
    manager.syncNotify("lost too");
    assertThat(manager.whichHandlers()).hasSize(1);
  }

  @Test
  void forwardHandlerThatIsDeletedForwardsNoMoreAndMonitorsNobody() {
    otp.run(
        self -> {
          manager.addHandler(ForwardHandler.INSTANCE, To.pid(self.pid()));
          manager.deleteHandler(HandlerId.of(ForwardHandler.class), "x");
          manager.syncNotify("tea");
          assertThat(drain(self, QUIET)).isEmpty();
          assertThat(
                  self.runtime().summary(manager.whereis().orElseThrow()).orElseThrow().monitors())
              .isZero();
        });
  }

  // --- sinks

  /** Found with ServiceLoader, see META-INF/services. */
  public static final class MemorySinks implements EventSinkProvider {
    static final Queue<String> WRITTEN = new ConcurrentLinkedQueue<>();

    @Override
    public String scheme() {
      return "memory";
    }

    @Override
    public EventSink open(URI uri) throws Exception {
      if ("shut".equals(uri.getHost())) {
        throw new IOException("it is shut");
      }
      return new EventSink() {
        @Override
        public void write(Object event) throws IOException {
          if (event.equals("too much")) {
            throw new IOException("full");
          }
          WRITTEN.add(uri.getHost() + " " + event);
        }

        @Override
        public void close() {
          WRITTEN.add(uri.getHost() + " closed");
        }
      };
    }
  }

  @Test
  void sinkHandlerWritesToTheSinkThatItsProviderOpens() {
    MemorySinks.WRITTEN.clear();
    var handler = new SinkHandler();
    assertThat(manager.addHandler(handler, URI.create("memory://one")))
        .isEqualTo(new AddResult.Added());
    manager.notify("tea");
    manager.deleteHandler(HandlerId.of(SinkHandler.class), "x");
    assertThat(MemorySinks.WRITTEN).containsExactly("one tea", "one closed");
  }

  @Test
  void sinkThatFailsIsClosedAndItsHandlerGoes() {
    MemorySinks.WRITTEN.clear();
    manager.addHandler(new SinkHandler(List.of(new MemorySinks())), URI.create("memory://two"));
    manager.syncNotify("too much");
    assertThat(manager.whichHandlers()).isEmpty();
    assertThat(MemorySinks.WRITTEN).containsExactly("two closed");
    assertThat(otp.reports()).hasSize(1).first().asString().contains("java.io.IOException: full");
  }

  @Test
  void sinkThatNobodyOpensIsRefused() {
    assertThat(manager.addHandler(new SinkHandler(), URI.create("queue://broker/sales")))
        .isEqualTo(
            new AddResult.Refused(
                "No provider opens sinks like 'queue://broker/sales'. Known schemes: [memory]. Add"
                    + " the jar whose EventSinkProvider opens it."));
    assertThat(manager.addHandler(new SinkHandler(), URI.create("memory://shut")))
        .isInstanceOf(AddResult.Failed.class)
        .asString()
        .contains("it is shut");
    assertThatThrownBy(() -> new SinkHandler(List.of(new MemorySinks(), new MemorySinks())))
        .hasMessageContaining("Two providers open 'memory' sinks");
  }

  // --- spool

  @TempDir Path directory;

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(directory.resolve(file));
  }

  @Test
  void spoolWritesALineForEachEventAndGoesOnWhereItWas() throws IOException {
    var files = SpoolHandler.Files.of(directory.resolve("sales.log"));
    for (String event : List.of("tea", "two\nlines")) {
      assertThat(manager.addHandler(new SpoolHandler(), files)).isEqualTo(new AddResult.Added());
      manager.syncNotify(event);
      assertThat(lines("sales.log")).endsWith(event.replace("\n", "\\n"));
      manager.deleteHandler(HandlerId.of(SpoolHandler.class), "x");
    }
    assertThat(lines("sales.log")).containsExactly("tea", "two\\nlines");
  }

  @Test
  void spoolIsRotatedBySizeAndTheOldestFileIsDropped() throws IOException {
    manager.addHandler(
        new SpoolHandler(event -> "sale " + event),
        SpoolHandler.Files.of(directory.resolve("sales.log")).rotatedAt(20, 2));
    IntStream.range(0, 40).forEach(manager::notify);
    manager.stop();
    var all = new ArrayList<String>();
    for (String file : List.of("sales.log.2", "sales.log.1", "sales.log")) {
      assertThat(Files.size(directory.resolve(file))).isLessThan(40);
      all.addAll(lines(file));
    }
    assertThat(directory.toFile().list()).hasSize(3);
    assertThat(all)
        .hasSizeBetween(5, 12)
        .isEqualTo(
            IntStream.range(40 - all.size(), 40).mapToObj(number -> "sale " + number).toList());
    assertThat(otp.reports()).isEmpty();
  }

  @Test
  void spoolThatCannotBeOpenedIsNotAdded() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(
            manager.addHandler(
                new SpoolHandler(), SpoolHandler.Files.of(file.resolve("sales.log"))))
        .isInstanceOf(AddResult.Failed.class)
        .asString()
        .contains("was not written");
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux has /dev/full")
  void spoolThatCannotBeWrittenAnyMoreIsReportedAndItsHandlerGoes() {
    manager.addHandler(new SpoolHandler(), SpoolHandler.Files.of(Path.of("/dev/full")));
    manager.syncNotify("tea");
    assertThat(manager.whichHandlers()).isEmpty();
    assertThat(otp.reports()).hasSize(1).first().asString().contains("'/dev/full' was not written");
  }

  @Test
  void impossibleSpoolIsRefused() {
    var files = SpoolHandler.Files.of(Path.of("sales.log"));
    assertThatThrownBy(() -> SpoolHandler.Files.of(Path.of("100%.log")))
        .hasMessage("Spool '100%.log' cannot be rotated: its path must not contain '%'");
    assertThatThrownBy(() -> files.rotatedAt(0, 5))
        .hasMessage("Spool 'sales.log' cannot be rotated at 0 bytes, it must be at least 1");
    assertThatThrownBy(() -> files.rotatedAt(1, 21))
        .hasMessage("Spool 'sales.log' cannot keep 21 older files, it must be 1 to 20");
  }
}
