package io.otp.process;

import io.otp.process.MutableMessageException.What;
import java.lang.annotation.Annotation;
import java.lang.invoke.MethodType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** What to write against a {@link Flaw}. */
final class Remedy {

  /**
   * What to use instead of {@code type} and its subtypes; {@code %s} is the name of the component.
   */
  private record Replacement(String type, String text) {}

  /** The first that fits. Names, because java.sql may be missing. */
  private static final List<Replacement> REPLACEMENTS =
      List.of(
          new Replacement("java.sql.Date", "Use java.time.LocalDate instead: %s.toLocalDate()."),
          new Replacement("java.sql.Time", "Use java.time.LocalTime instead: %s.toLocalTime()."),
          new Replacement("java.util.Date", "Use java.time.Instant instead: %s.toInstant()."),
          new Replacement("java.util.Calendar", "Use java.time.Instant instead: %s.toInstant()."),
          new Replacement("java.util.TimeZone", "Use java.time.ZoneId instead: %s.toZoneId()."),
          new Replacement(
              "java.text.DateFormat", "Use java.time.format.DateTimeFormatter instead."),
          new Replacement("java.lang.CharSequence", "Use a String instead: %s.toString()."),
          new Replacement("java.lang.Number", "Use a number instead, such as %s.longValue()."),
          new Replacement(
              "java.util.concurrent.atomic.AtomicBoolean", "Use a boolean instead: %s.get()."),
          new Replacement(
              "java.util.concurrent.atomic.AtomicReference", "Use the value instead: %s.get()."),
          new Replacement("java.util.stream.BaseStream", "Use a List instead: %s.toList()."),
          new Replacement("java.util.Iterator", "Use a List of what it returns instead."),
          new Replacement(
              "java.lang.Throwable", "Use io.otp.process.Thrown instead: Thrown.of(%s)."));

  private static final Set<String> RESOURCES =
      Set.of(
          AutoCloseable.class.getName(),
          Thread.class.getName(),
          ClassLoader.class.getName(),
          Executor.class.getName(),
          Future.class.getName(),
          Lock.class.getName(),
          "java.util.Timer",
          "javax.sql.DataSource");

  private static final Set<String> ENTITIES =
      Set.of(
          "jakarta.persistence.Entity",
          "jakarta.persistence.Embeddable",
          "jakarta.persistence.MappedSuperclass",
          "javax.persistence.Entity");

  private final Place place;
  private final Class<?> culprit;
  private final What what;

  private Remedy(Flaw flaw, What what) {
    this.place = flaw.place();
    this.culprit = flaw.culprit();
    this.what = what;
  }

  static String of(Flaw flaw, What what) {
    return new Remedy(flaw, what).text();
  }

  /** Whether {@code type} is one of those that are meant to be changed. */
  static boolean isKnownToChange(Class<?> type) {
    return isCollection(type) || replacement(type) != null;
  }

  private String text() {
    if (place.path().contains("this$")) {
      return "It drags its outer object along: make the class static.";
    }
    if (culprit.isArray()) {
      return array(culprit.componentType());
    }
    if (culprit.getName().startsWith("org.eclipse.collections.") && !isDeclaredInJdk()) {
      return assignment("%s.toImmutable()");
    }
    if (isCollection(culprit)) {
      return copy();
    }
    String replacement = replacement(culprit);
    if (replacement != null) {
      return replacement.formatted(place.name());
    }
    if (culprit.isHidden()) {
      return "Code is not data: use an enum or a record that says what to do, and switch on it in"
          + " the receiver.";
    }
    if (isEntity()) {
      return "Make a record of what the receiver needs; an entity stays in its transaction.";
    }
    return isResource() ? resource() : promise();
  }

  /** Whether {@code type} is one of the JDK's kinds of collection, whoever wrote it. */
  static boolean isCollection(Class<?> type) {
    return Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type);
  }

  private boolean isDeclaredInJdk() {
    return place.declared() == null || place.declared().raw().getName().startsWith("java.");
  }

  private static @Nullable String replacement(Class<?> type) {
    for (Replacement replacement : REPLACEMENTS) {
      for (Class<?> supertype : KnownTypes.supertypes(type)) {
        if (supertype.getName().equals(replacement.type())) {
          return replacement.text();
        }
      }
    }
    return null;
  }

  private boolean isEntity() {
    for (Annotation annotation : culprit.getAnnotations()) {
      if (ENTITIES.contains(annotation.annotationType().getName())) {
        return true;
      }
    }
    return false;
  }

  private boolean isResource() {
    return KnownTypes.supertypes(culprit).stream()
        .map(Class::getName)
        .anyMatch(RESOURCES::contains);
  }

  private String array(Class<?> element) {
    String boxed = MethodType.methodType(element).wrap().returnType().getTypeName();
    String list = "Declare it as java.util.List<" + boxed + ">";
    return switch (element.getName()) {
      case "byte" ->
          "The JDK has no immutable bytes: hold them in a final class of your own that copies them"
              + " on the way in and out, and annotate it with @io.otp.process.Immutable.";
      case "char" -> "Declare it as java.lang.String: new String(" + place.name() + ").";
      case "int", "long", "double" ->
          list + ": Arrays.stream(" + place.name() + ").boxed().toList().";
      case "short", "float", "boolean" -> list + ".";
      default -> list + ": List.of(" + place.name() + ") copies the array.";
    };
  }

  /** {@code tags = List.copyOf(tags);}. */
  private String copy() {
    Class<?> copied =
        Map.class.isAssignableFrom(culprit)
            ? Map.class
            : Set.class.isAssignableFrom(culprit) ? Set.class : List.class;
    Shape declared = place.declared();
    boolean fits = declared == null || declared.raw().isAssignableFrom(copied);
    boolean ordered =
        SequencedMap.class.isAssignableFrom(culprit)
            || SequencedSet.class.isAssignableFrom(culprit);
    return (fits ? "" : "Declare it as " + copied.getName() + ". ")
        + assignment(copied.getSimpleName() + ".copyOf(%s)")
        + (ordered
            ? " Where the order matters, use an immutable collection of Guava, Eclipse Collections,"
                + " PCollections or Vavr."
            : "");
  }

  private String assignment(String expression) {
    String name = place.name();
    String value = expression.formatted(name);
    Class<?> owner = place.owner();
    if (owner == null) {
      return !place.path().isEmpty()
          ? "Put " + value + " there."
          : what == What.MESSAGE ? "Send " + value + "." : "Return " + value + " as the state.";
    }
    if (!owner.isRecord()) {
      return "Write in the constructor of "
          + (owner.getTypeName() + ": this." + name + " = " + value + ";");
    }
    boolean nested = !place.path().equals(name);
    return "Write in the "
        + (nested
            ? "compact constructor of " + owner.getTypeName()
            : "record's compact constructor")
        + (": " + name + " = " + value + ";");
  }

  private String resource() {
    String declaration = opaque();
    return what == What.STATE
        ? "A resource in a state is declared " + declaration
        : "A resource stays in the state of one process: send that process's Pid. To hand the"
            + " resource itself over, declare it "
            + declaration;
  }

  private String promise() {
    String named = "in otp.messages.immutable-types.";
    String promise =
        KnownTypes.isJdk(culprit)
            ? "If nothing can change it all the same, name it " + named
            : "Make it a record of immutable components; if nothing can change it all the same,"
                + " annotate it with @io.otp.process.Immutable or name it "
                + named;
    return what == What.STATE
        ? promise + " A resource in a state is declared " + opaque()
        : promise;
  }

  private String opaque() {
    Shape declared = place.declared();
    String resource = declared == null ? culprit.getTypeName() : declared.toString();
    return "io.otp.process.Opaque<" + resource + ">: Opaque.of(" + place.name() + ").";
  }
}
