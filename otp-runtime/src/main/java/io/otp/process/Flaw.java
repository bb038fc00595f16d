package io.otp.process;

import io.otp.process.MutableMessageException.What;
import org.jspecify.annotations.Nullable;

/**
 * Why something cannot be shown immutable.
 *
 * @param place where
 * @param held whether the declared type would do and the object found there does not
 * @param culprit the class that spoils it
 * @param why what is wrong with that class, as a predicate
 * @param fix what to write, where {@link Remedy} cannot know
 */
record Flaw(Place place, boolean held, Class<?> culprit, String why, @Nullable String fix) {

  static final String CAN_CHANGE = "can change";
  static final String NOT_KNOWN = "is not known to be immutable";
  static final String ARRAY = "is an array";

  /** The type at {@code place} is at fault. */
  static Flaw of(Place place, Class<?> culprit, String why) {
    return new Flaw(place, false, culprit, why, null);
  }

  /** This flaw of an object, seen from the object that holds it at {@code outer}. */
  Flaw under(Place outer) {
    return new Flaw(place.under(outer), held || place.path().isEmpty(), culprit, why, fix);
  }

  /** The refusal of a message or state of class {@code root}. */
  MutableMessageException refusal(What what, Class<?> root) {
    String type = root.getTypeName();
    String remedy = fix == null ? Remedy.of(this, what) : fix;
    String text =
        what.title + " " + type + " cannot be shown immutable: " + reason() + ". " + remedy;
    return new MutableMessageException(what, type, place.path(), remedy, text);
  }

  private String reason() {
    if (!held) {
      return place + " " + why;
    }
    boolean obvious = why.equals(CAN_CHANGE) || why.equals(NOT_KNOWN) || why.equals(ARRAY);
    return place + " holds a " + culprit.getTypeName() + (obvious ? "" : ", which " + why);
  }
}
