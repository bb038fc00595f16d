package io.otp.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.otp.process.MutableMessageException.What;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.eclipse.collections.api.factory.Lists;
import org.eclipse.collections.api.list.ListIterable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a refusal says: who, which component, what it holds, what to write. */
class ImmutabilityTextTests {

  private static final String HERE = ImmutabilityTextTests.class.getName() + "$";

  private static final String PROMISE =
      "Make it a record of immutable components; if nothing can change it all the same, annotate it"
          + " with @io.otp.process.Immutable or name it in otp.messages.immutable-types.";

  private static final String ORDER =
      " Where the order matters, use an immutable collection of Guava, Eclipse Collections,"
          + " PCollections or Vavr.";

  private final Immutability immutability = ImmutabilityTests.refusing();

  record Say(String text, List<String> tags) {}

  record Room(Set<String> members) {}

  record Prices(Map<String, Long> prices) {}

  record Index(java.util.SortedMap<String, Long> index) {}

  record Work(Deque<String> jobs) {}

  record Exact(ArrayList<String> names) {}

  record Anything(Object value) {}

  record Maybe(Optional<List<String>> nick) {}

  record Many(Collection<String> all) {}

  record Eclipse(ListIterable<String> list) {}

  record Bytes(byte[] data) {}

  record Numbers(int[] numbers) {}

  record Names(String[] names) {}

  record Letters(char[] letters) {}

  record Matrix(List<long[]> rows) {}

  record Due(Date when) {}

  record Sql(java.sql.Timestamp at) {}

  record SqlDate(java.sql.Date on) {}

  record Count(AtomicLong count) {}

  record Flag(AtomicBoolean flag) {}

  record Text(CharSequence text) {}

  record Lines(Stream<String> lines) {}

  record Failure(IOException cause) {}

  record Job(Supplier<String> work) {}

  record Link(InputStream in) {}

  record Runs(Thread thread) {}

  record Order(String id, List<Line> lines) {}

  record Line(Product product) {}

  static class Product {
    @Nullable String name;

    final class Part {
      @Nullable String nameOfProduct() {
        return name; // or the compiler would drop the outer object
      }
    }
  }

  record Placed(Order order) {}

  record Outer(Say say) {}

  sealed interface Shape {}

  record Circle(int radius) implements Shape {}

  record Blob(byte[] data) implements Shape {}

  record Drawn(Shape shape) {}

  static final class Basket {
    private final List<String> items;

    Basket(List<String> items) {
      this.items = items;
    }
  }

  @jakarta.persistence.Entity
  static class Customer {
    @Nullable Long id;
  }

  record Registered(Customer customer) {}

  abstract static class Base {
    @Nullable Long version;
  }

  record Versioned(List<Base> all) {}

  static Stream<Arguments> refusals() {
    return Stream.of(
        refusal(
            new Say("hi", new ArrayList<>()),
            "component 'tags' (java.util.List<java.lang.String>) holds a java.util.ArrayList",
            "Write in the record's compact constructor: tags = List.copyOf(tags);"),
        refusal(
            new Say("hi", Collections.unmodifiableList(new ArrayList<>())),
            "component 'tags' (java.util.List<java.lang.String>) holds a"
                + " java.util.Collections$UnmodifiableRandomAccessList, which is a view of"
                + " something that can change",
            "Write in the record's compact constructor: tags = List.copyOf(tags);"),
        refusal(
            new Room(new HashSet<>()),
            "component 'members' (java.util.Set<java.lang.String>) holds a java.util.HashSet",
            "Write in the record's compact constructor: members = Set.copyOf(members);"),
        refusal(
            new Prices(new HashMap<>()),
            "component 'prices' (java.util.Map<java.lang.String, java.lang.Long>) holds a"
                + " java.util.HashMap",
            "Write in the record's compact constructor: prices = Map.copyOf(prices);"),
        refusal(
            new Prices(new TreeMap<>()),
            "component 'prices' (java.util.Map<java.lang.String, java.lang.Long>) holds a"
                + " java.util.TreeMap",
            "Write in the record's compact constructor: prices = Map.copyOf(prices);" + ORDER),
        refusal(
            new Index(new TreeMap<>()),
            "component 'index' (java.util.SortedMap<java.lang.String, java.lang.Long>) holds a"
                + " java.util.TreeMap",
            "Declare it as java.util.Map. Write in the record's compact constructor:"
                + " index = Map.copyOf(index);"
                + ORDER),
        refusal(
            new Work(new java.util.ArrayDeque<>()),
            "component 'jobs' (java.util.Deque<java.lang.String>) holds a java.util.ArrayDeque",
            "Declare it as java.util.List. Write in the record's compact constructor:"
                + " jobs = List.copyOf(jobs);"),
        refusal(
            new Exact(new ArrayList<>()),
            "component 'names' (java.util.ArrayList<java.lang.String>) can change",
            "Declare it as java.util.List. Write in the record's compact constructor:"
                + " names = List.copyOf(names);"),
        refusal(
            new Many(new HashSet<>()),
            "component 'all' (java.util.Collection<java.lang.String>) holds a java.util.HashSet",
            "Write in the record's compact constructor: all = Set.copyOf(all);"),
        refusal(
            new Anything(new ArrayList<>()),
            "component 'value' (java.lang.Object) holds a java.util.ArrayList",
            "Write in the record's compact constructor: value = List.copyOf(value);"),
        refusal(
            new Maybe(Optional.of(new ArrayList<>())),
            "element 'nick.get()' holds a java.util.ArrayList",
            "Put List.copyOf(it) there."),
        refusal(
            new Eclipse(Lists.mutable.of("a")),
            "component 'list' (org.eclipse.collections.api.list.ListIterable<java.lang.String>)"
                + " holds a org.eclipse.collections.impl.list.mutable.FastList, which has a field"
                + " 'size' that is not final",
            "Write in the record's compact constructor: list = list.toImmutable();"),
        refusal(
            new Bytes(new byte[0]),
            "component 'data' (byte[]) is an array",
            "The JDK has no immutable bytes: hold them in a final class of your own that copies"
                + " them on the way in and out, and annotate it with"
                + " @io.otp.process.Immutable."),
        refusal(
            new Numbers(new int[0]),
            "component 'numbers' (int[]) is an array",
            "Declare it as java.util.List<java.lang.Integer>:"
                + " Arrays.stream(numbers).boxed().toList()."),
        refusal(
            new Names(new String[0]),
            "component 'names' (java.lang.String[]) is an array",
            "Declare it as java.util.List<java.lang.String>: List.of(names) copies the array."),
        refusal(
            new Letters(new char[0]),
            "component 'letters' (char[]) is an array",
            "Declare it as java.lang.String: new String(letters)."),
        refusal(
            new Matrix(List.of()),
            "element 'rows[]' (long[]) is an array",
            "Declare it as java.util.List<java.lang.Long>: Arrays.stream(it).boxed().toList()."),
        refusal(
            new Due(new Date()),
            "component 'when' (java.util.Date) can change",
            "Use java.time.Instant instead: when.toInstant()."),
        refusal(
            new Sql(new java.sql.Timestamp(0)),
            "component 'at' (java.sql.Timestamp) can change",
            "Use java.time.Instant instead: at.toInstant()."),
        refusal(
            new SqlDate(new java.sql.Date(0)),
            "component 'on' (java.sql.Date) can change",
            "Use java.time.LocalDate instead: on.toLocalDate()."),
        refusal(
            new Count(new AtomicLong()),
            "component 'count' (java.util.concurrent.atomic.AtomicLong) can change",
            "Use a number instead, such as count.longValue()."),
        refusal(
            new Flag(new AtomicBoolean()),
            "component 'flag' (java.util.concurrent.atomic.AtomicBoolean) can change",
            "Use a boolean instead: flag.get()."),
        refusal(
            new Text(new StringBuilder()),
            "component 'text' (java.lang.CharSequence) holds a java.lang.StringBuilder",
            "Use a String instead: text.toString()."),
        refusal(
            new Failure(new IOException()),
            "component 'cause' (java.io.IOException) is an exception, whose stack trace and"
                + " suppressed exceptions can change",
            "Use io.otp.process.Thrown instead: Thrown.of(cause)."),
        refusal(
            new Runs(Thread.currentThread()),
            "component 'thread' (java.lang.Thread) is not known to be immutable",
            "A resource stays in the state of one process: send that process's Pid. To hand the"
                + " resource itself over, declare it io.otp.process.Opaque<java.lang.Thread>:"
                + " Opaque.of(thread)."),
        refusal(
            new Order("1", List.of()),
            "component 'lines[].product' ("
                + HERE
                + "Product) has a field 'name' that is not final",
            PROMISE),
        refusal(
            new Placed(new Order("1", List.of())),
            "component 'order.lines[].product' ("
                + HERE
                + "Product) has a field 'name' that is not final",
            PROMISE),
        refusal(
            new Outer(new Say("hi", new ArrayList<>())),
            "component 'say.tags' (java.util.List<java.lang.String>) holds a java.util.ArrayList",
            "Write in the compact constructor of " + HERE + "Say: tags = List.copyOf(tags);"),
        refusal(
            new Drawn(new Circle(1)),
            "component 'shape(Blob).data' (byte[]) is an array",
            "The JDK has no immutable bytes: hold them in a final class of your own that copies"
                + " them on the way in and out, and annotate it with"
                + " @io.otp.process.Immutable."),
        refusal(
            new Basket(new ArrayList<>()),
            "field 'items' (java.util.List<java.lang.String>) holds a java.util.ArrayList",
            "Write in the constructor of " + HERE + "Basket: this.items = List.copyOf(items);"),
        refusal(
            new Registered(new Customer()),
            "component 'customer' (" + HERE + "Customer) has a field 'id' that is not final",
            "Make a record of what the receiver needs; an entity stays in its transaction."),
        refusal(
            new Anything(new Customer()),
            "component 'value' (java.lang.Object) holds a "
                + HERE
                + "Customer, which has a field 'id' that is not final",
            "Make a record of what the receiver needs; an entity stays in its transaction."),
        refusal(
            new Versioned(List.of()),
            "element 'all[]' (" + HERE + "Base) has a field 'version' that is not final",
            PROMISE),
        refusal(new Product(), "it has a field 'name' that is not final", PROMISE),
        refusal(new ArrayList<>(), "it can change", "Send List.copyOf(it)."),
        refusal(
            new java.util.BitSet(),
            "it is not known to be immutable",
            "If nothing can change it all the same, name it in otp.messages.immutable-types."));
  }

  private static Arguments refusal(Object message, String reason, String fix) {
    return Arguments.of(message, reason, fix);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void saysWhichComponentHoldsWhatAndWhatToWrite(Object message, String reason, String fix) {
    String type = message.getClass().getName();
    assertThat(refused(message))
        .hasMessage("Message " + type + " cannot be shown immutable: " + reason + ". " + fix)
        .returns(What.MESSAGE, MutableMessageException::what)
        .returns(type, MutableMessageException::type)
        .returns(fix, MutableMessageException::fix);
  }

  @Test
  void givesThePathOfTheComponent() {
    assertThat(refused(new Placed(new Order("1", List.of()))).component())
        .isEqualTo("order.lines[].product");
    assertThat(refused(new ArrayList<>()).component()).isEmpty();
  }

  @Test
  void saysThatCodeIsNotData() {
    Job job = new Job(() -> "done");
    assertThat(refused(job))
        .hasMessageMatching(
            "Message .*Job cannot be shown immutable: component 'work'"
                + " \\(java.util.function.Supplier<java.lang.String>\\) holds a .*Lambda.*, which"
                + " is a lambda or method reference\\. Code is not data: use an enum or a record"
                + " that says what to do, and switch on it in the receiver\\.");
  }

  @Test
  void saysToCollectAStream() {
    try (Stream<String> lines = Stream.of("a")) {
      assertThat(refused(new Lines(lines))).hasMessageEndingWith("lines.toList().");
    }
  }

  @Test
  void speaksOfStatesAndTheirResources() {
    var refusal =
        catchThrowableOfType(
            MutableMessageException.class,
            () -> immutability.checkState(new Link(InputStream.nullInputStream())));
    assertThat(refusal)
        .hasMessageStartingWith("State " + HERE + "Link cannot be shown immutable: component 'in'")
        .hasMessageEndingWith(
            "A resource in a state is declared io.otp.process.Opaque<java.io.InputStream>:"
                + " Opaque.of(in).")
        .returns(What.STATE, MutableMessageException::what);
    assertThat(
            catchThrowableOfType(
                MutableMessageException.class, () -> immutability.checkState(new HashMap<>())))
        .hasMessageEndingWith("Return Map.copyOf(it) as the state.");
    assertThat(
            catchThrowableOfType(
                MutableMessageException.class, () -> immutability.checkState(new Product())))
        .hasMessageEndingWith(
            "A resource in a state is declared io.otp.process.Opaque<"
                + HERE
                + "Product>: Opaque.of(it).");
  }

  @Test
  void saysToMakeAnInnerClassStatic() {
    var outer = new Product();
    assertThat(refused(outer.new Part()))
        .hasMessageEndingWith("It drags its outer object along: make the class static.")
        .returns("this$0", MutableMessageException::component);
  }

  @Test
  void saysWhichPackageToOpen(@TempDir Path directory) throws Exception {
    Path sources = Files.createDirectories(directory.resolve("sources"));
    Path module = sources.resolve("module-info.java");
    Path cart = sources.resolve("Cart.java");
    Files.writeString(module, "module shop { exports shop; }");
    Files.writeString(cart, "package shop; public record Cart(java.util.List<String> lines) {}");
    int failed =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(System.out, System.err, "-d", directory + "/shop", "" + module, "" + cart);
    assertThat(failed).isZero();
    Configuration shop =
        ModuleLayer.boot()
            .configuration()
            .resolve(ModuleFinder.of(directory.resolve("shop")), ModuleFinder.of(), Set.of("shop"));
    Class<?> type =
        ModuleLayer.boot()
            .defineModulesWithOneLoader(shop, null)
            .findLoader("shop")
            .loadClass("shop.Cart");
    assertThat(refused(type.getConstructor(List.class).newInstance(List.of())))
        .hasMessage(
            "Message shop.Cart cannot be shown immutable: component 'lines'"
                + " (java.util.List<java.lang.String>) cannot be read, module shop does not open"
                + " its package. Write in its module-info: opens shop;");
  }

  private MutableMessageException refused(Object message) {
    var refusal =
        catchThrowableOfType(
            MutableMessageException.class, () -> immutability.checkMessage(message));
    assertThat(refusal).as("%s was accepted", message).isNotNull();
    return refusal;
  }
}
