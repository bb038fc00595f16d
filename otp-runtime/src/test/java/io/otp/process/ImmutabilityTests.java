package io.otp.process;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Lists;
import com.google.common.collect.Range;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.collections.api.list.ListIterable;
import org.eclipse.collections.impl.factory.Bags;
import org.eclipse.collections.impl.factory.Maps;
import org.eclipse.collections.impl.factory.primitive.IntLists;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pcollections.HashTreePMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;
import org.slf4j.LoggerFactory;

class ImmutabilityTests {

  private final Immutability immutability = refusing();

  static Immutability refusing(String... registered) {
    return new Immutability(ImmutabilityMode.REFUSE, false, List.of(registered));
  }

  // Values

  static Stream<Object> values() throws Exception {
    return Stream.of(
        true,
        'c',
        (byte) 1,
        (short) 1,
        1,
        1L,
        1f,
        1d,
        "text",
        BigInteger.TWO,
        BigDecimal.TEN,
        new UUID(1, 2),
        URI.create("http://localhost"),
        URI.create("http://localhost").toURL(),
        Locale.ROOT,
        Currency.getInstance("EUR"),
        Pattern.compile("a*"),
        String.class,
        StandardCharsets.UTF_8,
        InetAddress.getLoopbackAddress(),
        InetAddress.getByName("::1"),
        new InetSocketAddress(80),
        Path.of("a"),
        Instant.EPOCH,
        Duration.ZERO,
        LocalDate.EPOCH,
        ZonedDateTime.now(Clock.systemUTC()),
        ZoneId.of("Europe/Paris"),
        Clock.systemUTC(),
        DateTimeFormatter.ISO_DATE,
        OptionalLong.empty(),
        TimeUnit.DAYS,
        Ref.create(),
        ExitReason.NORMAL,
        Thrown.of(new IOException("disk")),
        Opaque.of(new ArrayList<>()),
        new Object());
  }

  @ParameterizedTest
  @MethodSource("values")
  void acceptsValues(Object value) {
    immutability.checkMessage(value);
    immutability.checkState(value);
    immutability.checkMessage(new Box<>(value));
  }

  static Stream<Object> mutableObjects() {
    return Stream.of(
        new Date(),
        new StringBuilder(),
        new AtomicLong(),
        new BitSet(),
        new ReentrantLock(),
        new IOException(),
        new int[0],
        new Object[] {new String[0]}, // an Object[] would be taken for a list of arguments
        Thread.currentThread(),
        InputStream.nullInputStream(),
        Stream.of(1),
        List.of(1).iterator(),
        DateTimeFormatter.ISO_DATE.parse("2026-01-01"),
        (Supplier<Integer>) () -> 1,
        new Mutable(),
        new MutableChild(),
        new Cell("a"));
  }

  @ParameterizedTest
  @MethodSource("mutableObjects")
  void refusesMutableObjects(Object object) {
    assertRefused(object);
    assertRefused(new Box<>(object));
    assertRefused(new Box<>(new Box<>(Optional.of(object))));
  }

  // Collections

  static Stream<Object> immutableCollections() {
    return Stream.of(
        List.of(),
        List.of(1),
        List.of(1, 2, 3),
        List.of(1, 2, 3, 4).subList(1, 3),
        List.copyOf(new ArrayList<>(List.of(1, 2, 3))),
        Stream.of(1, 2).toList(),
        Set.of(),
        Set.of(1),
        Set.of(1, 2, 3),
        Map.of(),
        Map.of(1, 2),
        Map.of(1, 2, 3, 4),
        Map.entry(1, 2),
        Collections.emptyList(),
        Collections.emptySet(),
        Collections.emptyMap(),
        Collections.emptySortedSet(),
        Collections.emptyNavigableMap(),
        Collections.singletonList(1),
        Collections.singleton(1),
        Collections.singletonMap(1, 1),
        Collections.nCopies(3, 1),
        ImmutableList.of(1, 2),
        ImmutableList.of(1, 2, 3).reverse(),
        ImmutableSortedMap.of(1, 2),
        ImmutableSortedMap.of(1, 2).keySet(),
        ImmutableListMultimap.of(1, 2),
        Range.closed(1, 2),
        com.google.common.base.Optional.of(1),
        org.eclipse.collections.impl.factory.Lists.immutable.of(1, 2, 3),
        org.eclipse.collections.impl.factory.Lists.immutable.of(1, 2, 3).castToList(),
        Maps.immutable.of(1, 2),
        Bags.immutable.of(1, 1),
        IntLists.immutable.of(1, 2, 3),
        org.eclipse.collections.impl.tuple.Tuples.pair(1, 2),
        TreePVector.from(List.of(1, 2)),
        HashTreePMap.from(Map.of(1, 2)),
        org.pcollections.OrderedPSet.from(List.of(1)),
        io.vavr.collection.List.of(1, 2),
        io.vavr.collection.List.empty(),
        io.vavr.collection.Vector.of(1, 2),
        io.vavr.collection.HashMap.of(1, 2),
        io.vavr.collection.TreeSet.of(1, 2),
        io.vavr.collection.Queue.of(1),
        io.vavr.control.Option.of(1),
        io.vavr.control.Option.none(),
        io.vavr.control.Either.left(1),
        io.vavr.Tuple.of(1, "a"));
  }

  @ParameterizedTest
  @MethodSource("immutableCollections")
  void acceptsImmutableCollections(Object collection) {
    immutability.checkState(collection);
    immutability.checkMessage(new Box<>(collection));
  }

  static Stream<Object> mutableCollections() {
    return Stream.of(
        new ArrayList<>(),
        Arrays.asList(1),
        new HashMap<>(),
        new TreeMap<>(),
        new HashSet<>(),
        new ArrayDeque<>(),
        EnumSet.noneOf(TimeUnit.class),
        Collections.unmodifiableList(new ArrayList<>()),
        Collections.unmodifiableMap(Map.of()),
        Collections.synchronizedSet(new HashSet<>()),
        List.of(1, 2).reversed(),
        Lists.newArrayList(1),
        Lists.transform(List.of(1), x -> x),
        ImmutableList.builder(),
        com.google.common.base.Optional.of(new ArrayList<>()),
        org.eclipse.collections.impl.factory.Lists.mutable.of(1),
        org.eclipse.collections.impl.factory.Lists.mutable.of(1).asUnmodifiable(),
        Maps.mutable.of(1, 2),
        IntLists.mutable.of(1),
        io.vavr.collection.Iterator.of(1),
        io.vavr.control.Option.of(new ArrayList<>()),
        io.vavr.Tuple.of(1, new ArrayList<>()));
  }

  @ParameterizedTest
  @MethodSource("mutableCollections")
  void refusesMutableCollections(Object collection) {
    assertRefused(collection);
    assertRefused(new Box<>(collection));
  }

  @Test
  void doesNotLookAtElements() {
    immutability.checkState(List.of(new Date()));
    immutability.checkMessage(new Tags(List.of()));
    immutability.checkMessage(new Any(List.of(new ArrayList<>())));
  }

  // Type arguments

  record Entities(List<Mutable> entities) {}

  record Dates(Map<String, ? extends Date> dates) {}

  record Chunks(Optional<byte[]> chunks) {}

  record Rows(List<ArrayList<String>> rows) {}

  record Wrapped(Box<Mutable> box) {}

  record Outcome(Result<Mutable> result) {}

  record GuavaEntities(ImmutableList<Mutable> entities) {}

  record VavrEntities(io.vavr.collection.Map<String, Mutable> entities) {}

  record PEntities(PVector<Mutable> entities) {}

  record EclipseEntities(ListIterable<Mutable> entities) {}

  record Nested(Optional<Map<String, List<Box<Mutable>>>> deep) {}

  static Stream<Object> mutableTypeArguments() {
    return Stream.of(
        new Entities(List.of()),
        new Dates(Map.of()),
        new Chunks(Optional.empty()),
        new Rows(List.of()),
        new Wrapped(new Box<>(null)),
        new Outcome(new Failed<>("no")),
        new GuavaEntities(ImmutableList.of()),
        new VavrEntities(io.vavr.collection.HashMap.empty()),
        new PEntities(TreePVector.empty()),
        new EclipseEntities(org.eclipse.collections.impl.factory.Lists.immutable.empty()),
        new Nested(Optional.empty()));
  }

  @ParameterizedTest
  @MethodSource("mutableTypeArguments")
  void refusesMutableTypeArgumentsWhateverTheInstance(Object message) {
    assertRefused(message);
  }

  record Harmless(
      Class<Mutable> type,
      Opaque<Mutable> resource,
      Optional<Instant> at,
      List<? extends Number> numbers,
      Map<UUID, List<Box<String>>> map,
      Result<Long> result,
      PVector<Long> vector) {}

  @Test
  void acceptsImmutableTypeArguments() {
    immutability.checkMessage(
        new Harmless(
            Mutable.class,
            Opaque.of(new Mutable()),
            Optional.empty(),
            List.of(1),
            Map.of(),
            new Done<>(1L),
            TreePVector.empty()));
  }

  @Test
  void judgesTheValueOfAnOptionalInEachInstance() {
    immutability.checkMessage(new MaybeTags(Optional.of(List.of("a"))));
    immutability.checkMessage(new MaybeTags(Optional.empty()));
    assertRefused(new MaybeTags(Optional.of(new ArrayList<>())));
    assertRefused(Optional.of(new Date()));
  }

  // Structure of types

  record Box<T>(@Nullable T value) {}

  record Any(Object value) {}

  record Tags(List<String> tags) {}

  record MaybeTags(Optional<List<String>> tags) {}

  sealed interface Result<T> permits Done, Failed {}

  record Done<V>(V value) implements Result<V> {}

  record Failed<V>(String reason) implements Result<V> {}

  sealed interface Command {}

  record Start(String name) implements Command {}

  record Many(List<Command> commands, @Nullable Command first) implements Command {}

  enum Plain implements Command {
    STOP {
      int counter;
    }
  }

  record Envelope(Command command) {}

  record Chain(String name, @Nullable Chain next) {}

  record OpenChain(@Nullable OpenChain next, Object value) {}

  record Ping(@Nullable Pong pong) {}

  record Pong(@Nullable Ping ping, @Nullable Ping other) {}

  record Growing<T>(T value, @Nullable Growing<Box<T>> next) {}

  record Doubling<A, B>(
      @Nullable Doubling<Map<A, B>, A> left, @Nullable Doubling<B, Map<B, A>> right) {}

  static class Mutable {
    @Nullable String name;
  }

  static final class MutableChild extends Mutable {
    final String more = "more";
  }

  static class OpenClass {
    private final String name;

    OpenClass(String name) {
      this.name = name;
    }
  }

  static final class Money {
    private final BigDecimal amount = BigDecimal.ONE;
    private final Currency currency = Currency.getInstance("EUR");
    private static int created;
  }

  static final class Cell {
    private final Object[] content;

    Cell(Object... content) {
      this.content = content;
    }
  }

  @Test
  void acceptsSealedTreesAndCycles() {
    immutability.checkMessage(new Envelope(new Many(List.of(new Start("a")), Plain.STOP)));
    immutability.checkMessage(Plain.STOP);
    immutability.checkMessage(new Chain("a", new Chain("b", null)));
    immutability.checkMessage(new Ping(new Pong(null, new Ping(null))));
  }

  @Test
  void endsOnTypesThatGrowForEver() {
    immutability.checkMessage(new Growing<>("a", null));
    immutability.checkMessage(new Doubling<String, Long>(null, null));
    assertRefused(new Growing<>(new Date(), null));
  }

  @Test
  void followsOpenComponentsThroughACycle() {
    immutability.checkMessage(new OpenChain(new OpenChain(null, "b"), "a"));
    assertRefused(new OpenChain(new OpenChain(null, new Date()), "a"));
  }

  @Test
  void looksAtABoundedPartOfALongChain() {
    OpenChain chain = new OpenChain(null, new Date());
    for (int i = 0; i < 100_000; i++) {
      chain = new OpenChain(chain, i);
    }
    immutability.checkMessage(chain);
  }

  @Test
  void acceptsClassesWhoseFieldsAreFinalAndImmutable() {
    immutability.checkMessage(new Money());
    immutability.checkMessage(new OpenClass("a"));
    immutability.checkMessage(new Any(new OpenClass("a")));
  }

  record HoldsOpenClass(OpenClass value) {}

  @Test
  void judgesSubclassesOfAnOpenClassByInstance() {
    immutability.checkMessage(new HoldsOpenClass(new OpenClass("a")));
    assertRefused(
        new HoldsOpenClass(
            new OpenClass("a") {
              int counter;
            }));
  }

  record Interfaces(CharSequence text, Number number, Comparable<?> any, TemporalAccessor time) {}

  @Test
  void judgesInterfacesByInstance() {
    immutability.checkMessage(new Interfaces("a", 1, 2, Instant.EPOCH));
    assertRefused(new Interfaces(new StringBuilder(), 1, 2, Instant.EPOCH));
    assertRefused(new Interfaces("a", new AtomicLong(), 2, Instant.EPOCH));
    assertRefused(new Interfaces("a", 1, new Date(), Instant.EPOCH));
  }

  /** An accessor that returns a copy proves nothing: the field is what is shared. */
  record Deceiving(List<String> tags) {
    @Override
    public List<String> tags() {
      return List.copyOf(tags);
    }
  }

  @Test
  void looksAtTheFieldAndNotAtTheAccessor() {
    assertRefused(new Deceiving(new ArrayList<>()));
  }

  @Test
  void acceptsNullComponentsAndNoState() {
    immutability.checkMessage(new Tags(null));
    immutability.checkState(null);
  }

  // Promises

  @Immutable
  static class Promised<T> {
    @Nullable T value;
  }

  static class PromisedChild extends Promised<String> {}

  @Immutable
  interface PromisedRole {}

  static class Player implements PromisedRole {
    int points;
  }

  @com.google.errorprone.annotations.Immutable
  static final class PromisedToErrorProne {
    private final int[] data = {1};
  }

  record PromisedEntity(Promised<Mutable> promised) {}

  @Test
  void believesAnnotations() {
    immutability.checkMessage(new Promised<String>());
    immutability.checkMessage(new PromisedChild());
    immutability.checkMessage(new Player());
    immutability.checkMessage(new PromisedToErrorProne());
    assertRefused(new PromisedEntity(new Promised<>()));
  }

  @Test
  void believesRegisteredNamesAndTheirSubtypes() {
    Immutability binary = refusing("io.otp.process.ImmutabilityTests$Mutable");
    binary.checkMessage(new Mutable());
    binary.checkMessage(new MutableChild());
    binary.checkMessage(new Entities(List.of()));
    refusing("io.otp.process.ImmutabilityTests.Mutable").checkMessage(new Mutable());
    refusing("java.util.BitSet").checkMessage(new Any(new BitSet()));
  }

  // Modes

  @Test
  void warnsOncePerClass() {
    var warning = new Immutability(ImmutabilityMode.WARN, false, List.of());
    var events = new ListAppender<ILoggingEvent>();
    events.start();
    var logger = (Logger) LoggerFactory.getLogger(Immutability.class);
    logger.addAppender(events);
    try {
      warning.checkMessage(new Mutable());
      warning.checkMessage(new Mutable());
      warning.checkMessage(new Tags(List.of()));
      warning.checkMessage(new Tags(new ArrayList<>()));
      warning.checkState(new Tags(new ArrayList<>()));
    } finally {
      logger.detachAppender(events);
    }
    assertThat(events.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            text -> assertThat(text).startsWith("Message " + Mutable.class.getName() + " cannot"),
            text ->
                assertThat(text)
                    .startsWith("Message " + Tags.class.getName() + " cannot")
                    .endsWith("Accepted all the same, as otp.messages says warn."));
  }

  @Test
  void acceptsEverythingWhenOff() {
    var off = new Immutability(ImmutabilityMode.OFF, true, List.of());
    off.checkMessage(new Mutable());
    off.checkState(new ArrayList<>());
    assertThat(off.isDebug()).isFalse();
  }

  // Class loaders

  /** Defines the classes named {@code ImmutabilityTests$...} anew. */
  private static final class Throwaway extends ClassLoader {

    Throwaway() {
      super(ImmutabilityTests.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(ImmutabilityTests.class.getName() + "$")) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void pinsNoClassLoader() throws Exception {
    for (ImmutabilityMode mode : ImmutabilityMode.values()) {
      var shared = new Immutability(mode, true, List.of());
      var queue = new ReferenceQueue<ClassLoader>();
      var reference = new PhantomReference<>(usedLoader(shared), queue);
      assertCollected(queue, reference);
      shared.checkMessage(new Tags(List.of())); // still in use
    }
  }

  private static ClassLoader usedLoader(Immutability shared) throws Exception {
    var loader = new Throwaway();
    var constructor = loader.loadClass(Tags.class.getName()).getDeclaredConstructor(List.class);
    constructor.setAccessible(true);
    Object tags = constructor.newInstance(List.of("a"));
    Object wrong = constructor.newInstance(new ArrayList<>());
    assertThat(tags.getClass()).isNotEqualTo(Tags.class);
    for (Object message :
        List.of(tags, new Box<>(tags), Optional.of(tags), List.of(tags), wrong, new Box<>(wrong))) {
      try {
        shared.checkMessage(message);
        shared.verify(message, shared.fingerprint(message));
      } catch (MutableMessageException e) {
        assertThat(e).hasMessageContaining("tags = List.copyOf(tags)");
      }
    }
    return loader;
  }

  @Test
  void aKeptRefusalPinsNoClassLoader() throws Exception {
    var queue = new ReferenceQueue<ClassLoader>();
    var loader = new Throwaway();
    var reference = new PhantomReference<ClassLoader>(loader, queue);
    MutableMessageException refusal = refusalOf(instance(loader, Mutable.class));
    loader = null;
    assertCollected(queue, reference);
    assertThat(refusal.type()).isEqualTo(Mutable.class.getName());
  }

  private static Object instance(ClassLoader loader, Class<?> type) throws Exception {
    var constructor = loader.loadClass(type.getName()).getDeclaredConstructor();
    constructor.setAccessible(true);
    return constructor.newInstance();
  }

  private static void assertCollected(ReferenceQueue<?> queue, PhantomReference<?> reference)
      throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    Reference<?> collected = null;
    while (collected == null && System.nanoTime() < deadline) {
      System.gc();
      collected = queue.remove(50);
    }
    assertThat((Object) collected).isSameAs(reference);
  }

  // Helpers

  private MutableMessageException refusalOf(Object message) {
    try {
      immutability.checkMessage(message);
    } catch (MutableMessageException e) {
      return e;
    }
    throw new AssertionError(message + " was accepted");
  }

  private void assertRefused(Object message) {
    refusalOf(message);
  }
}
