package io.otp.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.otp.Rule;
import io.otp.TestRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

class ImmutabilityDebugModeTests {

  private final Immutability debug = new Immutability(ImmutabilityMode.REFUSE, true, List.of());

  record Any(@Nullable Object value) {}

  static final class Node {
    @Nullable Object next;
  }

  static final class Silent {
    private int secret;
  }

  /** Breaks its promise. */
  @Immutable
  record Liar(List<String> tags) {}

  // Elements

  @Test
  @Rule("1.87")
  void walksOverElements() {
    assertRefused(List.of("a", new Date()), "[1]");
    assertRefused(Map.of("a", new StringBuilder()), "[0].value");
    assertRefused(new Any(List.of(List.of(new Any(new ArrayList<>())))), "value[0][0].value");
    assertRefused(Optional.of(List.of(new Date())), "get()[0]");
    assertRefused(io.vavr.collection.List.of(new Date()), "[0]");
  }

  private void assertRefused(Object message, String component) {
    assertThatExceptionOfType(MutableMessageException.class)
        .isThrownBy(() -> debug.checkMessage(message))
        .returns(component, MutableMessageException::component);
  }

  @Test
  void saysWhatToPutThere() {
    assertThatExceptionOfType(MutableMessageException.class)
        .isThrownBy(() -> debug.checkState(List.of(new HashMap<>())))
        .withMessage(
            "State java.util.ImmutableCollections$List12 cannot be shown immutable: element '[0]'"
                + " holds a java.util.HashMap. Put Map.copyOf(it) there.");
  }

  @Test
  void acceptsWhatIsImmutableThroughout() {
    debug.checkMessage(new Any(List.of(Map.of("a", Optional.of(new Any(null))))));
  }

  @Test
  void walksOverABoundedNumberOfElements() {
    debug.checkMessage(Collections.nCopies(1_000_000, new Any("a")));
    debug.checkMessage(io.vavr.collection.Stream.continually("a"));
  }

  // Changes after the send

  static Stream<Arguments> changes() {
    return Stream.of(
        change(new ArrayList<>(List.of("a")), list -> list.add("b")),
        change(new ArrayList<>(Arrays.asList("a", null)), list -> Collections.swap(list, 0, 1)),
        change(new HashMap<>(Map.of("a", 1)), map -> map.put("a", 2)),
        change(new int[] {1}, array -> array[0] = 2),
        change(new Object[] {"a"}, array -> array[0] = "b"),
        change(new Date(0), date -> date.setTime(1)),
        change(new StringBuilder(), text -> text.append('a')),
        change(new AtomicLong(), AtomicLong::incrementAndGet),
        change(new Silent(), silent -> silent.secret++),
        change(new Node(), node -> node.next = node),
        change(new Liar(new ArrayList<>()), liar -> liar.tags().add("a")));
  }

  private static <T> Arguments change(T object, Consumer<T> change) {
    return Arguments.of(object, (Runnable) () -> change.accept(object));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void findsAChangeAfterTheSend(Object object, Runnable change) {
    Any message = new Any(List.of(Optional.of(object)));
    int sent = debug.fingerprint(message);
    debug.verify(message, sent);
    change.run();
    assertThatExceptionOfType(MutatedAfterSendException.class)
        .isThrownBy(() -> debug.verify(message, sent))
        .withMessageStartingWith("Message " + Any.class.getName() + " was changed after it was")
        .returns(Any.class.getName(), MutatedAfterSendException::type);
  }

  @Test
  void findsThatTwoObjectsChangedPlaces() {
    Node one = new Node();
    Node two = new Node();
    Object[] parts = {one, two, one};
    int sent = debug.fingerprint(parts);
    parts[2] = two;
    assertThat(debug.fingerprint(parts)).isNotEqualTo(sent);
  }

  @Test
  void endsOnCyclesOfObjects() {
    Node node = new Node();
    node.next = new Any(node);
    debug.verify(node, debug.fingerprint(node));
  }

  @Test
  void doesNotMindTheUseOfAResource() {
    var resource = new ArrayList<String>();
    var message = new Any(Opaque.of(resource));
    int sent = debug.fingerprint(message);
    resource.add("used");
    debug.verify(message, sent);
  }

  @Test
  void onlyWarnsOfAChangeWhenItOnlyWarns() {
    var warning = new Immutability(ImmutabilityMode.WARN, true, List.of());
    var list = new ArrayList<String>();
    int sent = warning.fingerprint(list);
    list.add("a");
    var events = new ListAppender<ILoggingEvent>();
    events.start();
    var logger = (Logger) LoggerFactory.getLogger(Immutability.class);
    logger.addAppender(events);
    try {
      warning.verify(list, sent);
      warning.verify(list, sent);
    } finally {
      logger.detachAppender(events);
    }
    assertThat(events.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .startsWith("Message java.util.ArrayList was changed after it was sent.");
  }

  // In a runtime

  @RegisterExtension
  final TestRuntime otp = new TestRuntime(builder -> builder.immutabilityDebug(true));

  @Test
  @Rule("1.87")
  void receiverIsToldOfAChangeHoweverTheMessageWasSent() {
    otp.run(
        self -> {
          Pid me = self.pid();
          self.register("me");
          Alias alias = self.alias();
          var runtime = otp.runtime();
          List<Consumer<Object>> sends =
              List.of(
                  message -> self.send(me, message),
                  message -> self.send("me", message),
                  message -> self.send(alias, message),
                  message -> runtime.send(me, message),
                  message -> runtime.send(alias, message),
                  message -> runtime.cast(runtime.address(me), message));
          for (Consumer<Object> send : sends) {
            var message = new Liar(new ArrayList<>());
            send.accept(message);
            message.tags().add("a");
            assertThatExceptionOfType(MutatedAfterSendException.class)
                .isThrownBy(self::receive)
                .returns(Liar.class.getName(), MutatedAfterSendException::type);
            message.tags().clear();
            assertThat(self.receive()).isEqualTo(message);
          }
        });
  }

  @Test
  @Rule("1.87")
  void serverEndsWhenAMessageWasChangedOnItsWay() {
    otp.run(
        self -> {
          var runtime = otp.runtime();
          List<BiConsumer<ProcessRuntime.Address, Object>> sends =
              List.of(
                  runtime::cast,
                  (to, message) -> runtime.callAsync(to, message, TestRuntime.LIMIT),
                  runtime::sendRequest,
                  (to, message) -> self.send(runtime.resolve(to).orElseThrow(), message));
          for (var send : sends) {
            Self.Monitored server = self.spawn(new TestBehaviour(), SpawnOptions.MONITOR);
            Sys.suspend(server.pid());
            var message = new Liar(new ArrayList<>());
            send.accept(runtime.address(server.pid()), message);
            message.tags().add("a");
            Sys.resume(server.pid());
            assertThat(TestRuntime.next(self, Down.class).reason())
                .isInstanceOfSatisfying(
                    ExitReason.Crash.class,
                    crash ->
                        assertThat(crash.cause().type())
                            .isEqualTo(MutatedAfterSendException.class.getName()));
          }
        });
  }

  record Letter(Pid from, Ref ref, List<Object> parts) {}

  /** What a pid or reference stands for changes all the time and is no part of a message. */
  @Test
  @Rule("1.87")
  void messagesThatNobodyChangedArrive() {
    otp.run(
        self -> {
          Pid peer = self.spawn(Self::receive);
          Ref timer = self.sendAfter(Duration.ofHours(1), "never");
          Alias alias = self.monitor(peer, Alias.Mode.DEMONITOR);
          var letter = new Letter(peer, timer, List.of("a", alias, Optional.of(peer)));
          Pid me = self.pid();
          Pid echo = self.spawn(s -> s.send(me, s.receive(m -> Receive.take(m))));
          self.send(echo, letter);
          self.send(peer, "end");
          self.cancelTimer(timer);
          assertThat(TestRuntime.next(self, Down.class).ref()).isEqualTo(alias);
          assertThat(TestRuntime.next(self, Letter.class)).isEqualTo(letter);
        });
  }
}
