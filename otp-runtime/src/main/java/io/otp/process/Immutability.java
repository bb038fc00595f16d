package io.otp.process;

import io.otp.process.MutableMessageException.What;
import java.lang.invoke.MethodHandle;
import java.lang.ref.WeakReference;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that messages and states are immutable. Erlang copies them; here two processes share
 * one object, so an object that cannot be shown immutable is refused before it is shared.
 *
 * <p>What a class says about its instances is found out once ({@link Examination}) and kept as an
 * array of getters:
 *
 * <ul>
 *   <li>{@link #IMMUTABLE}: nothing to look at, a send costs one look-up;
 *   <li>{@link #MUTABLE}: refused;
 *   <li>else the components whose declared type leaves it open, {@code List<String>} or {@code
 *       Object}: each is read and the class of what it holds is judged in the same way.
 * </ul>
 *
 * <p>A collection is judged by its own class and by the type argument it is declared with. Its
 * elements are not looked at, nor can those of a collection that is itself the message or the
 * state, which is declared nowhere. Only the debug mode walks over them.
 *
 * <p>Any thread may call any method. A verdict is computed without a lock, perhaps twice, always
 * with the same outcome.
 *
 * <p>I1: a class loader stays collectable. A verdict hangs on the class it is about ({@link
 * ClassValue}) and consists of getters of that class's own fields, so it refers to nothing its
 * class does not refer to; what a component holds is looked up on its own class at every send and
 * never remembered here. I2: the loader of this library stays collectable too, since the verdict on
 * a class of the JDK consists of objects of the JDK only. Both rest on {@code verdicts} being a
 * field: were it static, its key would live as long as the library.
 */
final class Immutability {

  /**
   * Components followed in one object graph. A message has a few; the bound is for a list or tree
   * that an application built of records with open components, of which a part as good as any other
   * is looked at.
   */
  private static final int MAX_FOLLOWED = 64;

  private static final MethodHandle[] IMMUTABLE = new MethodHandle[0];
  private static final MethodHandle[] MUTABLE = new MethodHandle[0];

  private static final Logger log = LoggerFactory.getLogger(Immutability.class);

  private final ImmutabilityMode mode;
  private final boolean debug;
  private final KnownTypes known;

  private final ClassValue<MethodHandle[]> verdicts =
      new ClassValue<>() {
        @Override
        protected MethodHandle[] computeValue(Class<?> type) {
          return verdict(type);
        }
      };

  /**
   * Spares most sends the look-up in {@code verdicts}, which costs more than the rest of the check.
   * The first class keeps its slot until it is unloaded, so that two that meet in one do not oust
   * each other at every send.
   *
   * <p>Written and read without order on purpose: who sees no entry, or one whose class is not
   * visible yet, asks {@code verdicts}.
   */
  private final Entry[] recent = new Entry[SLOTS];

  private static final int SLOTS = 256; // a power of two

  /**
   * A class and, unless it is immutable, its getters. Both weak for I1: the getters refer to the
   * class, which keeps them.
   */
  private static final class Entry extends WeakReference<Class<?>> {

    final @Nullable WeakReference<MethodHandle[]> open;

    Entry(Class<?> type, MethodHandle[] verdict) {
      super(type);
      this.open = verdict == IMMUTABLE ? null : new WeakReference<>(verdict);
    }

    MethodHandle @Nullable [] verdict() {
      return open == null ? IMMUTABLE : open.get();
    }
  }

  private final Once mutableLogged = new Once();
  private final Once mutatedLogged = new Once();

  /**
   * @param mode what to do about what cannot be shown immutable
   * @param debug whether elements are walked over too, and messages compared when they arrive
   * @param registered names of types that are immutable, with all their subtypes, because the
   *     application says so
   */
  Immutability(ImmutabilityMode mode, boolean debug, Collection<String> registered) {
    this.mode = mode;
    this.debug = debug && mode != ImmutabilityMode.OFF;
    this.known = new KnownTypes(registered);
  }

  /**
   * Judges a message before it is sent.
   *
   * @throws MutableMessageException in mode {@code REFUSE}, if it cannot be shown immutable
   */
  void checkMessage(Object message) {
    check(message, What.MESSAGE);
  }

  /**
   * Judges a state before it becomes one; a server without state may have {@code null}.
   *
   * @throws MutableMessageException in mode {@code REFUSE}, if it cannot be shown immutable
   */
  void checkState(@Nullable Object state) {
    if (state != null) {
      check(state, What.STATE);
    }
  }

  /** Whether messages are to be fingerprinted when they are sent and verified when they arrive. */
  boolean isDebug() {
    return debug;
  }

  /** For the debug mode: what {@link #verify} compares with. */
  int fingerprint(Object message) {
    return DeepWalk.fingerprint(message, known);
  }

  /**
   * For the debug mode: compares a message that arrives with its {@code fingerprint} at the send.
   *
   * @throws MutatedAfterSendException in mode {@code REFUSE}, if it changed
   */
  void verify(Object message, int fingerprint) {
    if (!isUnchanged(message, fingerprint)) {
      var mutated = new MutatedAfterSendException(message.getClass().getTypeName());
      if (mode == ImmutabilityMode.REFUSE) {
        throw mutated;
      }
      if (mutatedLogged.isFirst(message.getClass())) {
        log.warn(mutated.getMessage());
      }
    }
  }

  private boolean isUnchanged(Object message, int fingerprint) {
    try {
      return fingerprint(message) == fingerprint;
    } catch (ConcurrentModificationException e) {
      return false; // it is being changed right now
    }
  }

  private void check(Object value, What what) {
    if (mode == ImmutabilityMode.OFF) {
      return;
    }
    MethodHandle[] open = verdictOn(value.getClass());
    if (open != IMMUTABLE && follow(value, open, MAX_FOLLOWED) < 0) {
      if (isToBeTold(value)) {
        tell(flawOf(value), value, what);
      }
    } else if (debug) {
      checkElements(value, what);
    }
  }

  private MethodHandle[] verdictOn(Class<?> type) {
    Entry entry = recent[slot(type)];
    if (entry != null && entry.refersTo(type)) {
      MethodHandle[] verdict = entry.verdict();
      if (verdict != null) {
        return verdict;
      }
    }
    return lookUp(type);
  }

  private MethodHandle[] lookUp(Class<?> type) {
    MethodHandle[] verdict = verdicts.get(type);
    Entry entry = recent[slot(type)];
    if (entry == null || entry.refersTo(null)) {
      recent[slot(type)] = new Entry(type, verdict);
    }
    return verdict;
  }

  private static int slot(Class<?> type) {
    return type.hashCode() & (SLOTS - 1);
  }

  private MethodHandle[] verdict(Class<?> type) {
    Examination.Result result = Examination.of(type, known);
    if (result.flaw() != null) {
      return MUTABLE;
    }
    return result.open().isEmpty()
        ? IMMUTABLE
        : result.open().stream().map(Examination.Component::getter).toArray(MethodHandle[]::new);
  }

  /**
   * Returns how many more components may be followed, 0 to stop, or -1 if one holds something
   * mutable.
   */
  private int follow(Object owner, MethodHandle[] open, int budget) {
    if (open == MUTABLE) {
      return -1;
    }
    int left = budget;
    for (MethodHandle getter : open) {
      Object held = read(getter, owner);
      if (held == null) {
        continue;
      }
      MethodHandle[] next = verdictOn(held.getClass());
      if (next == IMMUTABLE) {
        continue;
      }
      left = left == 0 ? 0 : follow(held, next, left - 1);
      if (left <= 0) {
        return left;
      }
    }
    return left;
  }

  private static @Nullable Object read(MethodHandle getter, Object owner) {
    try {
      return (Object) getter.invokeExact(owner);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e); // a getter declares none
    }
  }

  /** Repeats what {@link #follow} did, in the same order, to tell where it ended. */
  private @Nullable Flaw flawOf(Object owner) {
    Examination.Result result = Examination.of(owner.getClass(), known);
    if (result.flaw() != null) {
      return result.flaw();
    }
    for (Examination.Component component : result.open()) {
      Object held = read(component.getter(), owner);
      Flaw flaw = held == null ? null : flawOf(held);
      if (flaw != null) {
        return flaw.under(component.place());
      }
    }
    return null;
  }

  private void checkElements(Object value, What what) {
    DeepWalk.Found found = DeepWalk.find(value, known, type -> verdictOn(type) == MUTABLE);
    if (found != null && isToBeTold(value)) {
      Flaw flaw = Examination.of(found.type(), known).flaw();
      tell(flaw == null ? null : flaw.under(found.place()), value, what);
    }
  }

  /** To find the words takes a thousand times as long as to find the flaw. */
  private boolean isToBeTold(Object value) {
    return mode == ImmutabilityMode.REFUSE || mutableLogged.isFirst(value.getClass());
  }

  private void tell(@Nullable Flaw flaw, Object value, What what) {
    if (flaw == null) {
      return; // only if a final field was changed behind our back
    }
    MutableMessageException refusal = flaw.refusal(what, value.getClass());
    if (mode == ImmutabilityMode.REFUSE) {
      throw refusal;
    }
    log.warn("{} Accepted all the same, as otp.messages says warn.", refusal.getMessage());
  }

  /** Remembers classes without holding them. */
  private static final class Once extends ClassValue<AtomicBoolean> {

    @Override
    protected AtomicBoolean computeValue(Class<?> type) {
      return new AtomicBoolean();
    }

    boolean isFirst(Class<?> type) {
      return !get(type).getAndSet(true);
    }
  }
}
