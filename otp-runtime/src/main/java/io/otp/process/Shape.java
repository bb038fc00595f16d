package io.otp.process;

import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A type as it is declared, with its type variables replaced: {@code List<T>} in {@code Box<Order>}
 * is the shape {@code List<Order>}. A variable nobody binds is its bound, a wildcard its upper
 * bound.
 *
 * @param raw the class
 * @param arguments its type arguments; empty if it has none or they are not known
 */
record Shape(Class<?> raw, List<Shape> arguments) {

  /** A record such as {@code N<T>(N<Pair<T>> next)} has no end; deeper arguments are forgotten. */
  private static final int MAX_DEPTH = 6;

  /** An instance field of a class or of one of its superclasses. */
  record Member(Field field, Shape shape) {}

  static Shape of(Class<?> raw) {
    return new Shape(raw, List.of());
  }

  private static Shape of(Type type, Map<TypeVariable<?>, Shape> bound, int depth) {
    return switch (type) {
      case Class<?> raw -> of(raw);
      case ParameterizedType generic when depth == MAX_DEPTH -> of(erasure(generic));
      case ParameterizedType generic -> {
        var arguments = new ArrayList<Shape>();
        for (Type argument : generic.getActualTypeArguments()) {
          arguments.add(of(argument, bound, depth + 1));
        }
        yield new Shape(erasure(generic), List.copyOf(arguments));
      }
      case TypeVariable<?> variable when bound.get(variable) instanceof Shape shape ->
          depth + shape.depth() > MAX_DEPTH ? of(shape.raw) : shape;
      case WildcardType wildcard -> of(wildcard.getUpperBounds()[0], bound, depth);
      default -> of(erasure(type));
    };
  }

  private static Class<?> erasure(Type type) {
    return switch (type) {
      case Class<?> raw -> raw;
      case ParameterizedType generic -> (Class<?>) generic.getRawType();
      case GenericArrayType array -> erasure(array.getGenericComponentType()).arrayType();
      case TypeVariable<?> variable -> erasure(variable.getBounds()[0]);
      case WildcardType wildcard -> erasure(wildcard.getUpperBounds()[0]);
      default -> Object.class;
    };
  }

  private int depth() {
    int deepest = 0;
    for (Shape argument : arguments) {
      deepest = Math.max(deepest, argument.depth());
    }
    return arguments.isEmpty() ? 0 : deepest + 1;
  }

  /** The instance fields, inherited ones included. */
  List<Member> members() {
    var members = new ArrayList<Member>();
    for (Shape shape = this; shape != null; shape = shape.superclass()) {
      Map<TypeVariable<?>, Shape> bound = shape.bound();
      for (Field field : shape.raw.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          members.add(new Member(field, of(field.getGenericType(), bound, 0)));
        }
      }
    }
    return members;
  }

  private @Nullable Shape superclass() {
    Type superclass = raw.getGenericSuperclass();
    return superclass == null ? null : of(superclass, bound(), 0);
  }

  private Map<TypeVariable<?>, Shape> bound() {
    var bound = new HashMap<TypeVariable<?>, Shape>();
    TypeVariable<?>[] parameters = raw.getTypeParameters();
    for (int i = 0; i < parameters.length && i < arguments.size(); i++) {
      bound.put(parameters[i], arguments.get(i));
    }
    return bound;
  }

  /**
   * The permitted subclasses of a sealed type, bound as far as the arguments of this type bind
   * them.
   */
  List<Shape> permitted() {
    var permitted = new ArrayList<Shape>();
    for (Class<?> subclass : raw.getPermittedSubclasses()) {
      Map<TypeVariable<?>, Shape> bound = boundBySupertype(subclass);
      var arguments = new ArrayList<Shape>();
      for (TypeVariable<?> parameter : subclass.getTypeParameters()) {
        arguments.add(of(parameter, bound, 0));
      }
      permitted.add(new Shape(subclass, List.copyOf(arguments)));
    }
    return permitted;
  }

  /**
   * For {@code record Ok<V>(V value) implements Result<V>} and this {@code Result<Order>}: V is
   * Order.
   */
  private Map<TypeVariable<?>, Shape> boundBySupertype(Class<?> subclass) {
    var bound = new HashMap<TypeVariable<?>, Shape>();
    var supertypes = new ArrayList<Type>(List.of(subclass.getGenericInterfaces()));
    if (subclass.getGenericSuperclass() instanceof Type superclass) {
      supertypes.add(superclass);
    }
    for (Type supertype : supertypes) {
      if (supertype instanceof ParameterizedType generic && generic.getRawType() == raw) {
        Type[] actual = generic.getActualTypeArguments();
        for (int i = 0; i < actual.length && i < arguments.size(); i++) {
          if (actual[i] instanceof TypeVariable<?> variable) {
            bound.put(variable, arguments.get(i));
          }
        }
      }
    }
    return bound;
  }

  /** As in source, with binary names. */
  @Override
  public String toString() {
    if (arguments.isEmpty()) {
      return raw.getTypeName();
    }
    var text = new ArrayList<String>();
    for (Shape argument : arguments) {
      text.add(argument.toString());
    }
    return raw.getTypeName() + "<" + String.join(", ", text) + ">";
  }
}
