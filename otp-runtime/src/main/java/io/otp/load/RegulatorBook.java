package io.otp.load;

import io.otp.load.Admission.Admitted;
import io.otp.load.Admission.Cause;
import io.otp.load.Admission.Rejected;
import io.otp.process.From;
import io.otp.process.Ref;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has a place and who waits: the state of a regulator's process, which alone uses it. It
 * changes in place, because thousands may wait; whom it serves next and whom it drops {@link CoDel}
 * and {@link TokenBucket} say.
 *
 * <p>Invariants: R1 never more than {@code limit} have a place. R2 never more than {@code queue}
 * wait. R3 nobody waits while there is a place and a token. R4 who has a place or waits and is a
 * process is monitored, and nobody else is.
 */
final class RegulatorBook {

  /** What a book has done for it. */
  interface Effects {
    /**
     * Looks after a client.
     *
     * @return {@code null} if it is a thread that is no process
     */
    @Nullable Ref monitor(From<Admission> client);

    void demonitor(@Nullable Ref monitor);

    /** Has {@link #serve} called after so many nanoseconds. */
    void tickAfter(long nanos);
  }

  /**
   * @param monitor see {@link Effects#monitor}
   */
  private record Client(long arrived, @Nullable Ref monitor, From<Admission> from) {}

  private final String name;
  private final RegulatorOptions options;
  private final AdmissionListener listener;
  private final Effects effects;
  private final Map<Ref, Client> active = new HashMap<>();
  private final Map<Ref, Client> waiting = new LinkedHashMap<>();
  private final Map<Ref, Ref> byMonitor = new HashMap<>();
  private @Nullable TokenBucket bucket;
  private @Nullable CoDel coDel;
  private boolean ticks;
  private long admitted;
  private long rejected;
  private long gaveUp;

  RegulatorBook(
      String name,
      RegulatorOptions options,
      AdmissionListener listener,
      Effects effects,
      long now) {
    this.name = name;
    this.options = options;
    this.listener = listener;
    this.effects = effects;
    this.bucket = options.rate() == null ? null : TokenBucket.of(options.rate(), now);
    this.coDel =
        options.queueDelay() == null
            ? null
            : CoDel.of(
                options.queueDelay().target().toNanos(), options.queueDelay().interval().toNanos());
  }

  void ask(Ref ticket, long arrived, From<Admission> from, long now) {
    if (waiting.isEmpty() && hasPlace() && untilToken(now) == 0) {
      nobodyWaits();
      Ref monitor = options.limit() == null ? null : effects.monitor(from);
      admit(ticket, new Client(arrived, monitor, from), now);
    } else if (waiting.size() >= options.queue()) {
      reject(new Client(arrived, null, from), hasPlace() ? Cause.RATE : Cause.OVERLOAD, now);
    } else {
      Ref monitor = effects.monitor(from);
      waiting.put(ticket, new Client(arrived, monitor, from));
      if (monitor != null) {
        byMonitor.put(monitor, ticket);
      }
      serve(now);
    }
  }

  /** Admits as many as there are places and tokens for. */
  void serve(long now) {
    while (!waiting.isEmpty()) {
      if (!hasPlace()) {
        return;
      }
      long wait = untilToken(now);
      if (wait > 0) {
        tickAfter(wait);
        return;
      }
      Iterator<Map.Entry<Ref, Client>> entries = waiting.entrySet().iterator();
      Map.Entry<Ref, Client> head = entries.next();
      Ref ticket = head.getKey();
      Client client = head.getValue();
      entries.remove();
      if (isDropped(now - client.arrived(), now)) {
        forget(client);
        reject(client, Cause.OVERLOAD, now);
      } else {
        admit(ticket, client, now);
      }
    }
    nobodyWaits();
  }

  void tick(long now) {
    ticks = false;
    serve(now);
  }

  private void tickAfter(long wait) {
    if (!ticks) {
      ticks = true;
      effects.tickAfter(wait);
    }
  }

  private boolean hasPlace() {
    return options.limit() == null || active.size() < options.limit();
  }

  private long untilToken(long now) {
    return bucket == null ? 0 : bucket.waitFor(1, now);
  }

  private boolean isDropped(long waited, long now) {
    if (coDel == null) {
      return false;
    }
    CoDel.Decision decision = coDel.head(waited, now);
    coDel = decision.then();
    return decision.drop();
  }

  private void nobodyWaits() {
    if (coDel != null) {
      coDel = coDel.empty();
    }
  }

  private void admit(Ref ticket, Client client, long now) {
    if (bucket != null) {
      bucket = bucket.take(now);
    }
    if (options.limit() == null) {
      forget(client);
    } else {
      active.put(ticket, client);
      if (client.monitor() != null) {
        byMonitor.put(client.monitor(), ticket);
      }
    }
    admitted++;
    Duration waited = waited(client, now);
    listener.admitted(name, waited);
    client.from().reply(new Admitted(new Ticket(ticket), waited));
  }

  private void reject(Client client, Cause cause, long now) {
    rejected++;
    listener.rejected(name, cause, waited(client, now));
    client.from().reply(new Rejected(cause, retryAfter(cause, now)));
  }

  private Duration retryAfter(Cause cause, long now) {
    return cause == Cause.RATE && bucket != null
        ? Duration.ofNanos(bucket.waitFor(waiting.size() + 1, now))
        : options.retryAfter();
  }

  private static Duration waited(Client client, long now) {
    return Duration.ofNanos(Math.max(0, now - client.arrived()));
  }

  private void forget(Client client) {
    if (client.monitor() != null) {
      byMonitor.remove(client.monitor());
      effects.demonitor(client.monitor());
    }
  }

  /** The client is done, or has given up; nothing happens if its place was given back before. */
  void done(Ref ticket, long now) {
    Client client = active.remove(ticket);
    if (client != null) {
      forget(client);
    } else {
      client = waiting.remove(ticket);
      if (client == null) {
        return;
      }
      forget(client);
      gaveUp++;
      listener.gaveUp(name, waited(client, now));
    }
    serve(now);
  }

  /** A client has ended. */
  void ended(Ref monitor, long now) {
    Ref ticket = byMonitor.get(monitor);
    if (ticket != null) {
      done(ticket, now);
    }
  }

  RegulatorStatus status() {
    return new RegulatorStatus(active.size(), waiting.size(), admitted, rejected, gaveUp);
  }
}
