package io.otp.process;

import static java.util.stream.Collectors.toUnmodifiableSet;

import java.io.File;
import java.lang.annotation.Annotation;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatterBuilder;
import java.util.AbstractMap;
import java.util.Collection;
import java.util.Currency;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The types that are immutable because somebody says so: the JDK's and the libraries' documentation
 * here, an application by {@link Immutable} or by registering a name. Libraries are known by name,
 * so that none is a dependency; registered types are kept as names, so that no class loader is held
 * and every version of a reloaded class is meant.
 */
final class KnownTypes {

  /** What is known of a type. */
  enum Kind {
    /** Immutable, whatever its type arguments are: they are not what it holds. */
    VALUE,
    /** Immutable if its type arguments are. */
    CONTAINER,
    /** Not listed: its fields decide. */
    UNKNOWN
  }

  private static final Set<Class<?>> VALUES =
      Set.of(
          Boolean.class,
          Character.class,
          Byte.class,
          Short.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          Void.class,
          String.class,
          Class.class,
          StackTraceElement.class,
          MethodType.class,
          Runtime.Version.class,
          BigInteger.class,
          BigDecimal.class,
          MathContext.class,
          UUID.class,
          URI.class,
          URL.class,
          File.class,
          FileTime.class,
          InetSocketAddress.class,
          Locale.class,
          Currency.class,
          Pattern.class,
          HexFormat.class,
          OptionalInt.class,
          OptionalLong.class,
          OptionalDouble.class,
          Opaque.class,
          From.class);

  /** Values of which every subtype is one. */
  private static final Set<Class<?>> VALUE_ROOTS =
      Set.of(Pid.class, Ref.class, Charset.class, InetAddress.class, Path.class, ZoneId.class);

  private static final Set<String> VALUE_NAMES =
      Set.of(
          "io.otp.server.ServerRef", "java.time.Clock$SystemClock", "java.time.Clock$FixedClock");

  /**
   * What {@code List.of}, {@code copyOf}, {@code Stream.toList}, {@code Map.entry} and the {@code
   * empty} and {@code singleton} methods of {@code Collections} return. Missing on purpose: the
   * {@code unmodifiable} wrappers, since whoever holds the wrapped collection can change it, and
   * lazy collections, which run code when they are read.
   */
  private static final Set<String> JDK_CONTAINERS =
      Set.of(
          "java.util.ImmutableCollections$List12",
          "java.util.ImmutableCollections$ListN",
          "java.util.ImmutableCollections$SubList",
          "java.util.ImmutableCollections$Set12",
          "java.util.ImmutableCollections$SetN",
          "java.util.ImmutableCollections$Map1",
          "java.util.ImmutableCollections$MapN",
          "java.util.KeyValueHolder",
          AbstractMap.SimpleImmutableEntry.class.getName(),
          "java.util.Collections$EmptyList",
          "java.util.Collections$EmptySet",
          "java.util.Collections$EmptyMap",
          "java.util.Collections$UnmodifiableNavigableSet$EmptyNavigableSet",
          "java.util.Collections$UnmodifiableNavigableMap$EmptyNavigableMap",
          "java.util.Collections$SingletonList",
          "java.util.Collections$SingletonSet",
          "java.util.Collections$SingletonMap",
          "java.util.Collections$CopiesList");

  /**
   * Types of which every subtype is immutable. Eclipse Collections has a rule instead, see {@link
   * #isLibraryRoot}.
   */
  private static final Set<String> LIBRARY_ROOTS =
      Set.of(
          "com.google.common.collect.ImmutableCollection",
          "com.google.common.collect.ImmutableMap",
          "com.google.common.collect.ImmutableMultimap",
          "com.google.common.collect.ImmutableTable",
          "com.google.common.collect.ImmutableRangeSet",
          "com.google.common.collect.ImmutableRangeMap",
          "com.google.common.collect.ImmutableClassToInstanceMap",
          "com.google.common.collect.Range",
          "com.google.common.graph.ImmutableGraph",
          "com.google.common.graph.ImmutableValueGraph",
          "com.google.common.graph.ImmutableNetwork",
          "com.google.common.hash.HashCode",
          "com.google.common.net.InternetDomainName",
          "com.google.common.net.MediaType",
          "com.google.common.primitives.ImmutableIntArray",
          "com.google.common.primitives.ImmutableLongArray",
          "com.google.common.primitives.ImmutableDoubleArray",
          "org.pcollections.PCollection",
          "org.pcollections.PMap",
          "io.vavr.collection.Map",
          "io.vavr.collection.Multimap",
          "io.vavr.collection.PriorityQueue",
          "io.vavr.collection.Seq",
          "io.vavr.collection.Set",
          "io.vavr.collection.Tree");

  /** The annotations that promise it. That of Hibernate does not: it means rows, not objects. */
  private static final Set<String> PROMISES =
      Set.of(
          Immutable.class.getName(),
          "com.google.errorprone.annotations.Immutable",
          "net.jcip.annotations.Immutable",
          "javax.annotation.concurrent.Immutable");

  private final Set<String> registered;

  KnownTypes(Collection<String> registered) {
    this.registered = registered.stream().map(KnownTypes::sourceName).collect(toUnmodifiableSet());
  }

  /** A nested class may be registered as {@code Outer$Inner} or as {@code Outer.Inner}. */
  private static String sourceName(String name) {
    return name.replace('$', '.');
  }

  Kind kindOf(Class<?> type) {
    if (type.isPrimitive()
        || VALUES.contains(type)
        || Enum.class.isAssignableFrom(type)
        || isDateOrTime(type)) {
      return Kind.VALUE;
    }
    if (JDK_CONTAINERS.contains(type.getName())) {
      return Kind.CONTAINER;
    }
    Kind kind = Kind.UNKNOWN;
    for (Class<?> supertype : supertypes(type)) {
      if (VALUE_ROOTS.contains(supertype) || VALUE_NAMES.contains(supertype.getName())) {
        return Kind.VALUE;
      }
      if (isLibraryRoot(supertype.getName()) || isPromised(supertype)) {
        kind = Kind.CONTAINER;
      }
    }
    return kind;
  }

  /** Whether {@code type} comes with the JDK. */
  static boolean isJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }

  private static boolean isDateOrTime(Class<?> type) {
    return type.getPackageName().startsWith("java.time")
        && Modifier.isPublic(type.getModifiers())
        && !Modifier.isAbstract(type.getModifiers())
        && type != DateTimeFormatterBuilder.class;
  }

  private static boolean isLibraryRoot(String name) {
    return LIBRARY_ROOTS.contains(name)
        || (name.startsWith("org.eclipse.collections.api.")
            && name.startsWith("Immutable", name.lastIndexOf('.') + 1));
  }

  private boolean isPromised(Class<?> type) {
    if (registered.contains(sourceName(type.getName()))) {
      return true;
    }
    for (Annotation annotation : type.getDeclaredAnnotations()) {
      if (PROMISES.contains(annotation.annotationType().getName())) {
        return true;
      }
    }
    return false;
  }

  /** {@code type} and everything it extends or implements. */
  static Set<Class<?>> supertypes(Class<?> type) {
    var found = new LinkedHashSet<Class<?>>();
    addSupertypes(type, found);
    return found;
  }

  private static void addSupertypes(Class<?> type, Set<Class<?>> found) {
    if (found.add(type)) {
      if (type.getSuperclass() instanceof Class<?> superclass) {
        addSupertypes(superclass, found);
      }
      for (Class<?> implemented : type.getInterfaces()) {
        addSupertypes(implemented, found);
      }
    }
  }
}
