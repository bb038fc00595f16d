package io.otp.store;

import io.otp.table.TableType;
import io.otp.table.TermOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The locks of transactions: on records and on tables, to read and to write, held until the
 * transaction ends.
 *
 * <p>Wait-die: a transaction waits only for younger ones. Who meets an older one that holds what it
 * wants, or that waits for what it wants, dies: gives up its locks and begins again with the age it
 * had. So no two wait for each other, however many are between them, and as everybody becomes the
 * oldest one day, everybody comes through.
 *
 * <p>A lock on a table conflicts with the locks on its records.
 */
// Threads. Any; `this` guards everything. Nothing is waited for under it: who must wait gets a
// future. The futures are completed outside of it.
// L1 Who holds conflicting locks: nobody.
// L2 All who hold a lock that conflicts with a waiting request are younger than it. Looked at again
//    whenever a lock is granted or released.
// L3 Nobody gets a lock that conflicts with a request of an older one that waits, but who has it
//    already: else the younger ones, one after another, would keep the older one out for ever.
final class Locks {

  /** What can be locked: a table, or a key in it. */
  record Item(String table, @Nullable Object key) {
    static Item of(MnesiaSpec<?, ?> table, @Nullable Object key) {
      return new Item(
          table.name(),
          key != null && table.type() == TableType.ORDERED_SET ? new InOrder(key) : key);
    }

    /** Its table. */
    Item whole() {
      return key == null ? this : new Item(table, null);
    }
  }

  /** A key of an ordered set: 1 and 1.0 are the same. */
  private record InOrder(Object key) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof InOrder o && TermOrder.ORDER.compare(key, o.key) == 0;
    }

    @Override
    public int hashCode() {
      return switch (key) {
        case String _, Character _ -> key.toString().hashCode();
        case Enum<?> _ -> key.hashCode();
        case Number number -> Double.hashCode(number.doubleValue() + 0.0);
        default -> 0;
      };
    }
  }

  /**
   * A transaction, as far as locks know it.
   *
   * @param age the smaller, the older; kept when it begins again
   */
  record Owner(long age) {}

  /** Whether a lock was got. */
  sealed interface Answer {}

  /** It was. */
  record Granted() implements Answer {}

  /**
   * Give up all locks, wait for the end of the one in the way, begin again.
   *
   * @param inTheWay completes when it has ended
   */
  record Die(CompletableFuture<Boolean> inTheWay) implements Answer {}

  /** The transaction has ended. */
  record Gone() implements Answer {}

  private record Request(Owner owner, Item item, LockMode mode, CompletableFuture<Answer> answer) {}

  /** Who holds locks in a table, by item; the item without a key is the table. */
  private static final class TableLocks {
    final Map<Item, Map<Owner, LockMode>> held = new HashMap<>();
    final List<Request> waiting = new ArrayList<>();
  }

  private final Map<String, TableLocks> tables = new HashMap<>();
  private final Map<Owner, Owned> owned = new HashMap<>();

  private record Owned(Set<Item> items, CompletableFuture<Boolean> ended) {}

  /** Lets an owner take locks, until {@link #release}. */
  synchronized void begin(Owner owner) {
    owned.put(owner, new Owned(new HashSet<>(), new CompletableFuture<>()));
  }

  /**
   * Asks for a lock.
   *
   * @return completes when it is known whether it is granted
   */
  CompletableFuture<Answer> lock(Owner owner, Item item, LockMode mode) {
    List<Runnable> told = new ArrayList<>();
    var request = new Request(owner, item, mode, new CompletableFuture<>());
    synchronized (this) {
      TableLocks table = tables.computeIfAbsent(item.table(), _ -> new TableLocks());
      if (decide(table, request, told)) {
        look(table, told);
      } else {
        table.waiting.add(request);
      }
    }
    told.forEach(Runnable::run);
    return request.answer();
  }

  /** Under the lock: grants or refuses, or leaves it as it is. */
  private boolean decide(TableLocks table, Request request, List<Runnable> told) {
    Owned mine = owned.get(request.owner());
    Answer answer;
    if (mine == null) {
      answer = new Gone();
    } else if (isHeld(table, request)) {
      answer = new Granted();
    } else {
      Owner holder = oldestHolder(table, request);
      Owner oldest = older(holder, oldestWaiting(table, request)); // L3
      if (oldest != null && oldest.age() < request.owner().age()) {
        Owned other = owned.get(oldest);
        answer = new Die(other == null ? CompletableFuture.completedFuture(true) : other.ended());
      } else if (holder == null) {
        table
            .held
            .computeIfAbsent(request.item(), _ -> new HashMap<>())
            .merge(request.owner(), request.mode(), (a, b) -> a.compareTo(b) > 0 ? a : b);
        mine.items().add(request.item());
        answer = new Granted();
      } else {
        return false;
      }
    }
    told.add(() -> request.answer().complete(answer));
    return true;
  }

  /** Whether its owner has that lock, or that of the whole table. */
  private static boolean isHeld(TableLocks table, Request request) {
    for (Item item : List.of(request.item(), request.item().whole())) {
      LockMode held = table.held.getOrDefault(item, Map.of()).get(request.owner());
      if (held != null && held.compareTo(request.mode()) >= 0) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Owner older(@Nullable Owner a, @Nullable Owner b) {
    return a == null || b != null && b.age() < a.age() ? b : a;
  }

  /** The oldest of those whose waiting request conflicts, {@code null} if there is none. */
  private static @Nullable Owner oldestWaiting(TableLocks table, Request request) {
    Owner oldest = null;
    for (Request other : table.waiting) {
      boolean overlap =
          other.item().equals(request.item())
              || other.item().key() == null
              || request.item().key() == null;
      boolean conflict = other.mode() == LockMode.WRITE || request.mode() == LockMode.WRITE;
      if (overlap && conflict && !other.owner().equals(request.owner())) {
        oldest = older(oldest, other.owner());
      }
    }
    return oldest;
  }

  /** The oldest of those who hold a lock that conflicts, {@code null} if nobody does. */
  private static @Nullable Owner oldestHolder(TableLocks table, Request request) {
    Owner oldest = null;
    Collection<Item> items =
        request.item().key() == null
            ? table.held.keySet()
            : List.of(request.item(), request.item().whole());
    for (Item item : items) {
      for (Map.Entry<Owner, LockMode> held : table.held.getOrDefault(item, Map.of()).entrySet()) {
        boolean conflict = held.getValue() == LockMode.WRITE || request.mode() == LockMode.WRITE;
        if (conflict && !held.getKey().equals(request.owner())) {
          oldest = older(oldest, held.getKey());
        }
      }
    }
    return oldest;
  }

  /** L2: oldest first, so that none is overtaken for ever. */
  private void look(TableLocks table, List<Runnable> told) {
    var requests = new ArrayList<Request>(table.waiting);
    requests.sort((a, b) -> Long.compare(a.owner().age(), b.owner().age()));
    table.waiting.clear();
    for (Request request : requests) {
      if (!decide(table, request, told)) {
        table.waiting.add(request);
      }
    }
  }

  /** Gives up all locks of an owner, who takes no more. What it waits for is answered. */
  void release(Owner owner) {
    List<Runnable> told = new ArrayList<>();
    synchronized (this) {
      Owned mine = owned.remove(owner);
      if (mine == null) {
        return;
      }
      told.add(() -> mine.ended().complete(true));
      for (Item item : mine.items()) {
        TableLocks table = tables.get(item.table());
        if (table != null) {
          Map<Owner, LockMode> held = table.held.get(item);
          if (held != null && held.remove(owner) != null && held.isEmpty()) {
            table.held.remove(item);
          }
        }
      }
      tables.values().forEach(table -> look(table, told));
      tables.values().removeIf(table -> table.held.isEmpty() && table.waiting.isEmpty());
    }
    told.forEach(Runnable::run);
  }

  /** How many locks are held. */
  synchronized int held() {
    return owned.values().stream().mapToInt(mine -> mine.items().size()).sum();
  }

  /** How many requests wait. */
  synchronized int waiting() {
    return tables.values().stream().mapToInt(table -> table.waiting.size()).sum();
  }
}
