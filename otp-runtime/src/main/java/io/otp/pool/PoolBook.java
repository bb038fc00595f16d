package io.otp.pool;

import io.otp.process.From;
import io.otp.process.Pid;
import io.otp.process.Ref;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who has what: the state of a pool's process, which alone uses it. It changes in place, because a
 * pool may have thousands of workers and of clients that wait; what it takes to start and end
 * workers is done through {@link Workers}.
 *
 * <p>Invariants: a worker is either in {@code idle} or in {@code lent}; nobody waits while a worker
 * is idle or there may be one more; there are {@code size + overflow} workers.
 */
final class PoolBook {

  /** What a book has done for it. */
  interface Workers {
    /** Starts one. */
    Pid start();

    /** Ends one that is idle. */
    void dismiss(Pid worker);

    /**
     * Looks after a client.
     *
     * @return {@code null} if it is a thread that is no process
     */
    @Nullable Ref monitor(From<Optional<Pid>> client);

    void demonitor(@Nullable Ref monitor);
  }

  /**
   * A client that has a worker or waits for one.
   *
   * @param ticket what it is known by if it gives up
   * @param monitor see {@link Workers#monitor}
   */
  record Client(Ref ticket, @Nullable Ref monitor, From<Optional<Pid>> from) {}

  private final PoolOptions options;
  private final Workers workers;
  private final Deque<Pid> idle = new ArrayDeque<>();
  private final Map<Pid, Client> lent = new HashMap<>();
  private final Map<Ref, Pid> byTicket = new HashMap<>();
  private final Map<Ref, Pid> byMonitor = new HashMap<>();

  /** In the order in which they came; unbounded, {@link PoolStatus#waiting} shows it. */
  private final Map<Ref, Client> waiting = new LinkedHashMap<>();

  private int overflow;

  PoolBook(PoolOptions options, Workers workers) {
    this.options = options;
    this.workers = workers;
    for (int i = 0; i < options.size(); i++) {
      idle.add(workers.start());
    }
  }

  /** Answers at once, or when there is a worker. */
  void checkout(Ref ticket, boolean block, From<Optional<Pid>> from) {
    Pid worker = options.order() == PoolOptions.Order.LIFO ? idle.pollLast() : idle.pollFirst();
    if (worker == null && overflow < options.maxOverflow()) {
      worker = workers.start();
      overflow++;
    }
    if (worker == null && !block) {
      from.reply(Optional.empty());
      return;
    }
    var client = new Client(ticket, workers.monitor(from), from);
    if (worker == null) {
      waiting.put(ticket, client);
    } else {
      lend(worker, client);
    }
  }

  private void lend(Pid worker, Client client) {
    lent.put(worker, client);
    byTicket.put(client.ticket(), worker);
    if (client.monitor() != null) {
      byMonitor.put(client.monitor(), worker);
    }
    client.from().reply(Optional.of(worker));
  }

  private @Nullable Client takeBack(Pid worker) {
    Client client = lent.remove(worker);
    if (client != null) {
      byTicket.remove(client.ticket());
      if (client.monitor() != null) {
        byMonitor.remove(client.monitor());
      }
      workers.demonitor(client.monitor());
    }
    return client;
  }

  /** One that is not lent is none of ours, or was given back before. */
  void checkin(Pid worker) {
    if (takeBack(worker) == null) {
      return;
    }
    Client next = pollWaiting();
    if (next != null) {
      lend(worker, next);
    } else if (overflow > 0) {
      overflow--;
      workers.dismiss(worker);
    } else {
      idle.addLast(worker);
    }
  }

  private @Nullable Client pollWaiting() {
    Iterator<Client> clients = waiting.values().iterator();
    if (!clients.hasNext()) {
      return null;
    }
    Client next = clients.next();
    clients.remove();
    return next;
  }

  void cancel(Ref ticket) {
    Client client = waiting.remove(ticket);
    if (client != null) {
      workers.demonitor(client.monitor());
      return;
    }
    Pid worker = byTicket.get(ticket);
    if (worker != null) {
      checkin(worker);
    }
  }

  /** A client has ended; what it had comes back. */
  void clientEnded(Ref monitor) {
    Pid worker = byMonitor.get(monitor);
    if (worker != null) {
      checkin(worker);
    } else {
      waiting.values().removeIf(client -> client.monitor() == monitor);
    }
  }

  /**
   * A process has ended.
   *
   * @return whether it was one of the workers; then it is replaced if it is needed
   */
  boolean workerEnded(Pid pid) {
    if (takeBack(pid) == null && !idle.remove(pid)) {
      return false;
    }
    Client next = pollWaiting();
    if (next != null) {
      lend(workers.start(), next);
    } else if (overflow > 0) {
      overflow--;
    } else {
      idle.addLast(workers.start());
    }
    return true;
  }

  PoolStatus status() {
    PoolStatus.State state =
        !idle.isEmpty()
            ? PoolStatus.State.READY
            : overflow < options.maxOverflow() ? PoolStatus.State.OVERFLOW : PoolStatus.State.FULL;
    return new PoolStatus(state, idle.size(), overflow, lent.size(), waiting.size());
  }
}
