package io.otp.registry;

import io.otp.process.Alias;
import io.otp.process.MailboxFullException;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ServerRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Processes under keys that are any values: Elixir's {@code Registry}. Under a unique key there is
 * at most one process; under a duplicate key any number, which makes a publish-subscribe of it.
 *
 * {@snippet :
 * Registry<Integer, String> rooms = Registry.unique(runtime, "rooms");
 * switch (rooms.register(self, 17, "the blue one")) {
 *   case Registry.Registration.Done _ -> log.info("I am room 17");
 *   case Registry.Registration.AlreadyRegistered(var holder) -> log.info("{} is room 17", holder);
 * }
 *
 * Registry<String, Integer> topics = Registry.duplicate(runtime, "topics");
 * topics.register(self, "news", 1);
 * topics.dispatch("news", new Headline("it works"));
 * }
 *
 * <p>An entry belongs to the process that registered it; nobody else changes or removes it. When
 * that process ends its entries are gone before any exit signal, {@link io.otp.process.Down} or
 * failed call tells of it, and they are hidden from the moment it is ended. Elixir removes them
 * some time after.
 *
 * <p>Reads run on the thread of the caller, any thread, and wait for nothing; they see each entry
 * that is there all the time, and may or may not see one that comes or goes meanwhile. Keys and
 * values are shared, so they must be immutable as messages are. Unlike in Elixir a registry is no
 * process: it lasts as long as somebody holds it, and there is nothing to supervise.
 *
 * @param <K> the keys, with {@code equals} and {@code hashCode}
 * @param <V> what is kept with each registration
 * @see <a href="https://hexdocs.pm/elixir/Registry.html">Registry</a>
 */
// Threads: any. `owners` has one Owner for each process that ever registered and still lives; the
// lock of an Owner guards its fields. Order of locks: owner, then key (inside Table); nothing else
// is taken under them, and nothing that could throw or block is called.
//
//   G1 A slot is in `table` only while it is in the slots of its owner, except that a living
//      process may take the unique key of one that has ended; then the old owner finds that out.
//   G2 An owner that is `gone` gets no slots: its exit hook has taken those it had. Every use by
//      the process itself looks at it under the owner's lock, because the watchdog may publish the
//      death of a process whose code is in here.
//   G3 A notice is put down under the lock of its key, so each listener sees the history of a key.
public final class Registry<K, V> {

  /**
   * An entry as it was when it was read.
   *
   * @param key the key
   * @param pid whose it is
   * @param value what is kept with it
   */
  public record Entry<K, V>(K key, Pid pid, V value) {}

  /** What {@link #register} answers. */
  public sealed interface Registration {

    /** It is registered. */
    record Done() implements Registration {}

    /**
     * The unique key is taken: <code>{error, {already_registered, Pid}}</code>.
     *
     * @param holder who has it; may be the process that asked
     */
    record AlreadyRegistered(Pid holder) implements Registration {}
  }

  /**
   * A listener's message: an entry has come.
   *
   * @param registry the name of the registry
   * @param key the key
   * @param pid whose it is
   * @param value its first value
   */
  public record Registered<K, V>(String registry, K key, Pid pid, V value) {}

  /**
   * A listener's message: an entry has gone, because its process unregistered or ended.
   *
   * @param registry the name of the registry
   * @param key the key
   * @param pid whose it was
   */
  public record Unregistered<K>(String registry, K key, Pid pid) {}

  /**
   * What {@link #updateValue} did.
   *
   * @param now the new value
   * @param before the old value
   */
  public record Updated<V>(V now, V before) {}

  private static final Registration DONE = new Registration.Done();

  private static final class Owner<K, V> {
    final Pid pid;
    final Map<K, List<Table.Slot<K, V>>> slots = new LinkedHashMap<>();
    final Set<Alias> listening = new LinkedHashSet<>();
    boolean gone;

    Owner(Pid pid) {
      this.pid = pid;
    }
  }

  private final ProcessRuntime runtime;
  private final String name;
  private final boolean unique;
  private final Table<K, V> table;
  private final Map<Pid, Owner<K, V>> owners = new ConcurrentHashMap<>();
  private final List<Alias> listeners = new CopyOnWriteArrayList<>();
  private final LongAdder count = new LongAdder();
  private final Notices notices;

  private Registry(ProcessRuntime runtime, String name, boolean unique) {
    this.runtime = runtime;
    this.name = name;
    this.unique = unique;
    this.notices = new Notices(runtime);
    this.table =
        unique ? new Table.Unique<>(runtime, new Told()) : new Table.Duplicate<>(new Told());
  }

  /** Under the lock of the key (G3). */
  private final class Told implements Table.Changes<K, V> {
    @Override
    public void added(Table.Slot<K, V> slot) {
      count.increment();
      if (!listeners.isEmpty()) {
        var message = new Registered<>(name, slot.key, slot.pid, slot.value());
        listeners.forEach(listener -> notices.add(listener, message));
      }
    }

    @Override
    public void removed(Table.Slot<K, V> slot) {
      count.decrement();
      if (!listeners.isEmpty()) {
        var message = new Unregistered<>(name, slot.key, slot.pid);
        listeners.forEach(listener -> notices.add(listener, message));
      }
    }
  }

  /**
   * A registry with at most one process under a key.
   *
   * @param name what messages and errors call it
   */
  public static <K, V> Registry<K, V> unique(ProcessRuntime runtime, String name) {
    return new Registry<>(runtime, name, true);
  }

  /**
   * A registry with any number of processes under a key, each also several times.
   *
   * @param name what messages and errors call it
   */
  public static <K, V> Registry<K, V> duplicate(ProcessRuntime runtime, String name) {
    return new Registry<>(runtime, name, false);
  }

  // --- what a process does for itself

  /**
   * Registers the calling process under {@code key}. Of several that want a unique key at once one
   * gets it, and the others learn who.
   *
   * @return {@link Registration.AlreadyRegistered} if the key is unique and taken, also if by the
   *     caller itself; always {@link Registration.Done} for duplicate keys
   * @throws io.otp.process.MutableMessageException if key or value cannot be shown immutable
   */
  public Registration register(Self<?> self, K key, V value) {
    Owner<K, V> owner = ownerOf(self);
    runtime.checkMessage(key);
    runtime.checkMessage(value);
    var slot = new Table.Slot<>(key, owner.pid, value);
    Table.Slot<K, V> holder;
    synchronized (owner) {
      checkNotGone(self, owner);
      holder = table.add(slot);
      if (holder == null) {
        owner.slots.computeIfAbsent(key, k -> new ArrayList<>(1)).add(slot);
      }
    }
    notices.deliver();
    return holder == null ? DONE : new Registration.AlreadyRegistered(holder.pid);
  }

  /** Removes what the calling process has under {@code key}; nothing happens if it has nothing. */
  public void unregister(Self<?> self, K key) {
    unregister(self, key, value -> true);
  }

  /** Removes those entries of the calling process under {@code key} whose value matches. */
  public void unregister(Self<?> self, K key, Predicate<? super V> matches) {
    Owner<K, V> owner = ownerOf(self);
    List<Table.Slot<K, V>> matching = new ArrayList<>();
    slotsOf(self, owner, key).stream()
        .filter(slot -> matches.test(slot.value()))
        .forEach(matching::add);
    synchronized (owner) {
      checkNotGone(self, owner);
      List<Table.Slot<K, V>> mine = owner.slots.getOrDefault(key, new ArrayList<>());
      mine.removeAll(matching);
      if (mine.isEmpty()) {
        owner.slots.remove(key);
      }
      matching.forEach(table::remove);
    }
    notices.deliver();
  }

  /**
   * Changes the value that the calling process has under a unique key. Listeners are not told.
   *
   * @param change gets the old value and returns the new one
   * @return empty if the calling process is not registered under {@code key}
   * @throws IllegalStateException if the keys of this registry are duplicate: which value would it
   *     be?
   * @throws io.otp.process.MutableMessageException if the new value cannot be shown immutable
   */
  public Optional<Updated<V>> updateValue(Self<?> self, K key, UnaryOperator<V> change) {
    if (!unique) {
      throw new IllegalStateException(
          "Registry '"
              + name
              + "' has duplicate keys, so "
              + self.pid()
              + " may have several values under "
              + key
              + " and none of them can be updated. Unregister and register again, or use a registry"
              + " with unique keys.");
    }
    Owner<K, V> owner = ownerOf(self);
    List<Table.Slot<K, V>> mine = slotsOf(self, owner, key);
    if (mine.isEmpty()) {
      return Optional.empty();
    }
    Table.Slot<K, V> slot = mine.getFirst();
    V before = slot.value();
    V now = change.apply(before);
    runtime.checkMessage(now);
    slot.value(now); // only this process writes it
    return Optional.of(new Updated<>(now, before));
  }

  /**
   * From now on the calling process gets a {@link Registered} or {@link Unregistered} for each
   * entry that comes or goes; those of one key in the order in which it happened. A bound of its
   * mailbox does not keep them away. What is registered already is not told; read it after this
   * returns, then nothing is missed.
   *
   * @return ends it, see {@link #unlisten}; the end of the process does too
   */
  public Ref listen(Self<?> self) {
    Owner<K, V> owner = ownerOf(self);
    Alias alias = self.alias();
    synchronized (owner) {
      checkNotGone(self, owner);
      owner.listening.add(alias);
      listeners.add(alias);
    }
    return alias;
  }

  /**
   * Ends what {@link #listen} began. After it returns no message of it arrives; those that are in
   * the mailbox stay there.
   *
   * @return whether it was listening
   */
  public boolean unlisten(Self<?> self, Ref listener) {
    Owner<K, V> owner = ownerOf(self);
    if (!(listener instanceof Alias alias)) {
      return false;
    }
    synchronized (owner) {
      checkNotGone(self, owner);
      if (!owner.listening.remove(alias)) {
        return false;
      }
      listeners.remove(alias);
    }
    self.unalias(alias);
    return true;
  }

  // --- what anybody may ask

  /** The living processes under {@code key} and their values, who came first first. */
  public List<Entry<K, V>> lookup(K key) {
    return match(key, value -> true);
  }

  /** As {@link #lookup}, those with a value that matches. */
  public List<Entry<K, V>> match(K key, Predicate<? super V> matches) {
    var found = new ArrayList<Entry<K, V>>(1);
    for (Table.Slot<K, V> slot : table.get(key)) {
      Entry<K, V> entry = entry(slot);
      if (entry != null && matches.test(entry.value())) {
        found.add(entry);
      }
    }
    return List.copyOf(found);
  }

  /** The living process that came first under {@code key}, the only one if keys are unique. */
  public Optional<Pid> whereis(K key) {
    for (Table.Slot<K, V> slot : table.get(key)) {
      if (runtime.isAlive(slot.pid)) {
        return Optional.of(slot.pid);
      }
    }
    return Optional.empty();
  }

  /**
   * The server that is under {@code key} whenever something is sent to it: <code>
   * {via, Registry, {Registry, Key}}</code>. The server registers itself, usually in its {@code
   * init}.
   *
   * @param <M> the messages of that server
   */
  public <M> ServerRef<M> server(K key) {
    return ServerRef.of(runtime, runtime.address(name + "[" + key + "]", new Via<>(this, key)));
  }

  private record Via<K>(Registry<K, ?> registry, K key) implements Supplier<Optional<Pid>> {
    @Override
    public Optional<Pid> get() {
      return registry.whereis(key);
    }
  }

  /** The keys of a process in the order in which it took them, each as often as it has it. */
  public List<K> keys(Pid pid) {
    Owner<K, V> owner = owners.get(pid);
    if (owner == null || !runtime.isAlive(pid)) {
      return List.of();
    }
    synchronized (owner) {
      return owner.slots.values().stream().flatMap(List::stream).map(slot -> slot.key).toList();
    }
  }

  /** What {@code pid} has under {@code key}. */
  public List<V> values(K key, Pid pid) {
    return lookup(key).stream().filter(e -> e.pid() == pid).map(Entry::value).toList();
  }

  /**
   * How many entries there are. Those of a process that has just ended may still count; exact while
   * nobody registers or unregisters.
   */
  public long count() {
    return count.sum();
  }

  /** Every entry of a living process that {@code matches}, in no order. */
  public List<Entry<K, V>> select(Predicate<? super Entry<K, V>> matches) {
    var found = new ArrayList<Entry<K, V>>();
    table.forEach(
        slot -> {
          Entry<K, V> entry = entry(slot);
          if (entry != null && matches.test(entry)) {
            found.add(entry);
          }
        });
    return List.copyOf(found);
  }

  /**
   * Sends {@code message} to every process under {@code key}, as often as it is there. One whose
   * mailbox is bounded, full, and refuses keeps none of the others from it.
   *
   * @return how often it was sent
   * @throws io.otp.process.MutableMessageException if the message cannot be shown immutable; nobody
   *     gets it
   */
  public int dispatch(K key, Object message) {
    runtime.checkMessage(message);
    int sent = 0;
    for (Table.Slot<K, V> slot : table.get(key)) {
      if (runtime.isAlive(slot.pid)) {
        try {
          runtime.send(slot.pid, message);
          sent++;
        } catch (MailboxFullException e) {
          // it counts its refusals itself
        }
      }
    }
    return sent;
  }

  /** What messages and errors call it. */
  public String name() {
    return name;
  }

  /** Whether there is at most one process under a key. */
  public boolean isUnique() {
    return unique;
  }

  @Override
  public String toString() {
    return "Registry[" + name + ", " + (unique ? "unique" : "duplicate") + "]";
  }

  // --- inside

  private @Nullable Entry<K, V> entry(Table.Slot<K, V> slot) {
    return runtime.isAlive(slot.pid) ? new Entry<>(slot.key, slot.pid, slot.value()) : null;
  }

  private List<Table.Slot<K, V>> slotsOf(Self<?> self, Owner<K, V> owner, K key) {
    synchronized (owner) {
      checkNotGone(self, owner);
      return List.copyOf(owner.slots.getOrDefault(key, List.of()));
    }
  }

  /** Called by the process itself only, so no two threads make one for the same process. */
  private Owner<K, V> ownerOf(Self<?> self) {
    self.checkpoint(); // its own thread, and not killed
    Pid pid = self.pid();
    if (!runtime.isLocal(pid)) {
      throw new IllegalArgumentException(
          "Process "
              + pid
              + " lives in "
              + self.runtime()
              + " and cannot use registry '"
              + name
              + "' of "
              + runtime
              + ". Use a registry of its own runtime.");
    }
    Owner<K, V> known = owners.get(pid);
    if (known != null) {
      return known;
    }
    var owner = new Owner<K, V>(pid);
    owners.put(pid, owner);
    runtime.atExit(pid, reason -> end(owner)); // at once if its death has been published
    return owner;
  }

  private void checkNotGone(Self<?> self, Owner<K, V> owner) {
    if (owner.gone) {
      self.checkpoint(); // throws
      throw new IllegalStateException("gone alive: " + owner.pid);
    }
  }

  /** The exit hook of a process. */
  private void end(Owner<K, V> owner) {
    synchronized (owner) {
      owner.gone = true;
      owner.slots.values().forEach(slots -> slots.forEach(table::remove));
      owner.slots.clear();
      listeners.removeAll(owner.listening);
      owners.remove(owner.pid, owner);
    }
    notices.deliver();
  }
}
