package io.otp.process;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What types alone say of the instances of a class: that they are immutable, that they are not, or
 * which components must be looked at in each instance because their declared type leaves it open.
 *
 * <p>A component's type is followed to every type that is reachable from it. One mutable type on
 * the way is a flaw; an interface, {@code Object} or another type that anybody may extend leaves
 * the component open. Each type is visited once, so cycles end, and one in which no flaw is found
 * is immutable.
 *
 * <p>The elements of a collection are judged by its type argument alone and leave nothing open: to
 * look at each element at each send would cost as much as the collection is long.
 */
final class Examination {

  /**
   * A component that each instance decides; its handle is an {@code Object} to {@code Object}
   * function.
   */
  record Component(Place place, MethodHandle getter) {}

  /**
   * The outcome.
   *
   * @param open the components to look at
   * @param flaw why the class is not immutable, else {@code null}
   */
  record Result(List<Component> open, @Nullable Flaw flaw) {}

  private static final Result IMMUTABLE = new Result(List.of(), null);

  /**
   * A component that reaches more types, as a generic type that nests itself does, is left open.
   */
  private static final int MAX_TYPES = 1_000;

  /** Concrete classes of the JDK that are not refused by name. */
  private static final Set<Class<?>> OPEN_JDK_CLASSES = Set.of(Object.class, Optional.class);

  private static final MethodType GETTER = MethodType.methodType(Object.class, Object.class);

  private final KnownTypes known;
  private final Set<Visit> visited = new HashSet<>();
  private boolean open;

  private record Visit(Shape shape, boolean element) {}

  private Examination(KnownTypes known) {
    this.known = known;
  }

  /**
   * Examines the instances of exactly {@code type}; those of its subclasses are another question.
   */
  static Result of(Class<?> type, KnownTypes known) {
    try {
      if (known.kindOf(type) != KnownTypes.Kind.UNKNOWN) {
        return IMMUTABLE;
      }
      String objection = objectionTo(type);
      if (objection != null) {
        return refused(Flaw.of(Place.ROOT, type, objection));
      }
      return type == Optional.class ? ofOptional() : ofMembers(type, known);
    } catch (LinkageError | TypeNotPresentException e) {
      String why = "refers to a class that is missing (" + e.getMessage() + ")";
      String fix = "Add what contains it to the class path.";
      return refused(new Flaw(Place.ROOT, false, type, why, fix));
    }
  }

  private static Result refused(Flaw flaw) {
    return new Result(List.of(), flaw);
  }

  private static Result ofMembers(Class<?> type, KnownTypes known) {
    var components = new ArrayList<Component>();
    for (Shape.Member member : Shape.of(type).members()) {
      var examination = new Examination(known);
      Flaw flaw = examination.member(type, member, Place.ROOT, false);
      if (flaw != null) {
        return refused(flaw);
      }
      if (examination.open) {
        MethodHandle getter = getter(member.field());
        if (getter == null) {
          return refused(unreadable(type, Place.ROOT.member(member)));
        }
        components.add(new Component(Place.ROOT.member(member), getter));
      }
    }
    return new Result(List.copyOf(components), null);
  }

  /** The field and not the accessor, which may be written to return a copy. */
  private static @Nullable MethodHandle getter(Field field) {
    try {
      return field.trySetAccessible()
          ? MethodHandles.lookup().unreflectGetter(field).asType(GETTER)
          : null;
    } catch (IllegalAccessException e) {
      return null;
    }
  }

  private static Flaw unreadable(Class<?> type, Place place) {
    Module reader = Examination.class.getModule();
    String opens =
        "opens "
            + type.getPackageName()
            + (reader.isNamed() ? " to " + reader.getName() : "")
            + ";";
    String why = "cannot be read, " + type.getModule() + " does not open its package";
    return new Flaw(place, false, type, why, "Write in its module-info: " + opens);
  }

  /** An optional is a component that may be absent; its own field is not open to us. */
  private static Result ofOptional() {
    try {
      MethodHandle orElse =
          MethodHandles.lookup()
              .findVirtual(
                  Optional.class, "orElse", MethodType.methodType(Object.class, Object.class));
      MethodHandle getter = MethodHandles.insertArguments(orElse, 1, (Object) null).asType(GETTER);
      return new Result(List.of(new Component(Place.ROOT.value(null), getter)), null);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e); // a public method of the JDK
    }
  }

  /** Why a class is refused before its fields are looked at. */
  private static @Nullable String objectionTo(Class<?> type) {
    if (type.isArray()) {
      return Flaw.ARRAY;
    }
    if (Throwable.class.isAssignableFrom(type)) {
      return "is an exception, whose stack trace and suppressed exceptions can change";
    }
    if (type.isHidden()) {
      return "is a lambda or method reference";
    }
    if (type.getName().startsWith("java.util.Collections$") && Remedy.isCollection(type)) {
      return "is a view of something that can change";
    }
    // Classes of the JDK are judged by name: their fields are closed to us and often lazy.
    boolean concrete = !Modifier.isAbstract(type.getModifiers());
    if (concrete
        && KnownTypes.isJdk(type)
        && !type.isRecord()
        && !OPEN_JDK_CLASSES.contains(type)) {
      return Remedy.isKnownToChange(type) ? Flaw.CAN_CHANGE : Flaw.NOT_KNOWN;
    }
    return null;
  }

  private @Nullable Flaw member(Class<?> type, Shape.Member member, Place place, boolean element) {
    Field field = member.field();
    return Modifier.isFinal(field.getModifiers())
        ? visit(member.shape(), place.member(member), element)
        : Flaw.of(place, type, "has a field '" + field.getName() + "' that is not final");
  }

  private @Nullable Flaw visit(Shape shape, Place place, boolean element) {
    if (!visited.add(new Visit(shape, element))) {
      return null;
    }
    if (visited.size() > MAX_TYPES) {
      open |= !element;
      return null;
    }
    Class<?> type = shape.raw();
    switch (known.kindOf(type)) {
      case VALUE -> {
        return null;
      }
      case CONTAINER -> {
        return arguments(shape, place);
      }
      case UNKNOWN -> {}
    }
    String objection = objectionTo(type);
    if (objection != null) {
      return Flaw.of(place, type, objection);
    }
    if (type == Optional.class) {
      return optional(shape, place, element);
    }
    if (type.isSealed() && Modifier.isAbstract(type.getModifiers())) {
      return permitted(shape, place, element);
    }
    Flaw flaw = null;
    if (!Modifier.isFinal(type.getModifiers())) {
      open |= !element;
      flaw = arguments(shape, place); // a subclass may hold them
    }
    return flaw == null ? members(shape, place, element) : flaw;
  }

  private @Nullable Flaw arguments(Shape shape, Place place) {
    for (int i = 0; i < shape.arguments().size(); i++) {
      Shape argument = shape.arguments().get(i);
      Flaw flaw = visit(argument, place.argument(shape.raw(), i, argument), true);
      if (flaw != null) {
        return flaw;
      }
    }
    return null;
  }

  private @Nullable Flaw optional(Shape shape, Place place, boolean element) {
    if (shape.arguments().isEmpty()) {
      open |= !element;
      return null;
    }
    Shape value = shape.arguments().getFirst();
    return visit(value, place.value(value), element);
  }

  private @Nullable Flaw permitted(Shape shape, Place place, boolean element) {
    for (Shape subtype : shape.permitted()) {
      Flaw flaw = visit(subtype, place.as(subtype), element);
      if (flaw != null) {
        return flaw;
      }
    }
    return null;
  }

  private @Nullable Flaw members(Shape shape, Place place, boolean element) {
    for (Shape.Member member : shape.members()) {
      Flaw flaw = member(shape.raw(), member, place, element);
      if (flaw != null) {
        return flaw;
      }
    }
    return null;
  }
}
