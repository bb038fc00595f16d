package io.otp.process;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where in a message or state something lies, in the words of the sources: {@code
 * order.lines[].product}.
 *
 * @param path names joined by dots; empty for the message or state itself
 * @param declared the type declared there, {@code null} if nobody declares one
 * @param owner the class whose component or field it is, {@code null} if it is none
 * @param name the name of that component or field, else {@code it}
 */
record Place(String path, @Nullable Shape declared, @Nullable Class<?> owner, String name) {

  /** The message or state itself. */
  static final Place ROOT = new Place("", null, null, "it");

  /** A part that is reached by {@code label}: a field's name, an index, nothing for the root. */
  static Place labelled(String label) {
    return new Place(label, null, null, "it");
  }

  /** A component or field of what is here. */
  Place member(Shape.Member member) {
    String name = member.field().getName();
    return new Place(join(path, name), member.shape(), member.field().getDeclaringClass(), name);
  }

  /** The value of an optional here. */
  Place value(@Nullable Shape declared) {
    return new Place(join(path, "get()"), declared, null, "it");
  }

  /** The type argument {@code index} of the type here, by what a collection uses it for. */
  Place argument(Class<?> type, int index, Shape argument) {
    String suffix;
    if (Iterable.class.isAssignableFrom(type) && type.getTypeParameters().length == 1) {
      suffix = "[]";
    } else if (Map.class.isAssignableFrom(type)) {
      suffix = index == 0 ? "[key]" : "[value]";
    } else {
      suffix = "<" + type.getTypeParameters()[index].getName() + ">";
    }
    return new Place(path + suffix, argument, null, "it");
  }

  /** The same place, seen as one of the types that its sealed type permits. */
  Place as(Shape permitted) {
    String subtype = permitted.raw().getSimpleName();
    return new Place(path + "(" + subtype + ")", permitted, owner, name);
  }

  /** This place as it is called by the owner of {@code outer}. */
  Place under(Place outer) {
    return path.isEmpty() ? outer : new Place(join(outer.path, path), declared, owner, name);
  }

  private static String join(String outer, String inner) {
    return outer.isEmpty() || inner.isEmpty() || inner.startsWith("[")
        ? outer + inner
        : outer + "." + inner;
  }

  /** For a sentence: {@code component 'tags' (java.util.List<java.lang.String>)}. */
  @Override
  public String toString() {
    String of = declared == null ? "" : " (" + declared + ")";
    return path.isEmpty() ? "it" : noun() + " '" + path + "'" + of;
  }

  private String noun() {
    if (owner == null) {
      return path.endsWith(">") ? "type argument" : "element";
    }
    return owner.isRecord() ? "component" : "field";
  }
}
