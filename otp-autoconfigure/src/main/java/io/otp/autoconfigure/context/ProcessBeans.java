package io.otp.autoconfigure.context;

import io.otp.process.Pid;
import io.otp.process.ProcessKilledError;
import io.otp.process.ProcessRuntime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.config.Scope;

/**
 * The scope of {@link ProcessScope}: the instances of one context, by process.
 *
 * <p>Threads: a process makes and finds its own instances, so nobody waits for anybody; the thread
 * that publishes its death takes them out of {@code owned}; a virtual thread, or the one that
 * closes the context, destroys them, one thread at a time.
 *
 * <p>Invariants: S1 an entry leaves {@code owned} once, and who takes it out puts it into {@code
 * ended}. S2 {@code instances} counts what is in either. So both are bounded by {@code limit}.
 */
final class ProcessBeans implements Scope {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessBeans.class);

  /** What one process has; guarded by itself, except while its process makes a bean. */
  private static final class Instances {
    final Map<String, Object> beans = new HashMap<>();
    final Map<String, Runnable> destructions = new LinkedHashMap<>();
    boolean ended;
  }

  private final Supplier<ProcessRuntime> runtime;
  private final IntSupplier limit;
  private final ConcurrentMap<Pid, Instances> owned = new ConcurrentHashMap<>();
  private final Queue<Instances> ended = new ConcurrentLinkedQueue<>();
  private final AtomicInteger instances = new AtomicInteger();
  private final ReentrantLock destroying = new ReentrantLock();

  /**
   * For one context.
   *
   * @param runtime asked when it is needed: scopes are registered before there are beans
   * @param limit how many instances there may be
   */
  ProcessBeans(Supplier<ProcessRuntime> runtime, IntSupplier limit) {
    this.runtime = runtime;
    this.limit = limit;
  }

  @Override
  public Object get(String name, ObjectFactory<?> factory) {
    Instances mine = instances(currentProcess(name));
    synchronized (mine) {
      Object known = mine.beans.get(name);
      if (known != null) {
        return known;
      }
      checkAlive(mine, name);
    }
    if (instances.incrementAndGet() > limit.getAsInt()) {
      instances.decrementAndGet();
      throw refusal(
          name,
          "There are "
              + limit.getAsInt()
              + " instances of process-scoped beans already, as many as are allowed, so bean '"
              + shown(name)
              + "' cannot be made for process "
              + currentProcess(name)
              + ". End processes, let fewer of them use it, or raise"
              + " otp.process-scope.max-instances.");
    }
    boolean kept = false;
    try {
      Object made = factory.getObject(); // outside the lock: it runs code of users
      synchronized (mine) {
        if (!mine.ended) {
          mine.beans.put(name, made);
          kept = true;
        }
      }
      return made;
    } finally {
      if (!kept) {
        instances.decrementAndGet();
      }
    }
  }

  private Instances instances(Pid pid) {
    Instances known = owned.get(pid);
    if (known != null) {
      return known;
    }
    var fresh = new Instances();
    owned.put(pid, fresh); // only its own process does this
    runtime.get().atExit(pid, _ -> end(pid)); // at once if it has been ended meanwhile
    return fresh;
  }

  private static void checkAlive(Instances mine, String name) {
    if (mine.ended) {
      throw refusal(
          name,
          "Bean '"
              + shown(name)
              + "' has process scope and its process has ended; there is nobody to make it for");
    }
  }

  private Pid currentProcess(String name) {
    Pid pid = runtime.get().<@Nullable Pid>operate(self -> self);
    if (pid == null || !runtime.get().isLocal(pid)) {
      throw refusal(
          name,
          "Bean '"
              + shown(name)
              + "' has process scope, but thread '"
              + Thread.currentThread().getName()
              + "' runs no process of node '"
              + runtime.get().name()
              + "'. Use it in a callback of a server, or in what a callback calls on its own"
              + " thread; for other threads give the bean another scope.");
    }
    return pid;
  }

  /** No IllegalStateException, of which Spring makes one that advises something else. */
  private static BeanCreationException refusal(String name, String text) {
    return new BeanCreationException(shown(name), text);
  }

  /** What the bean is called where it is declared. */
  private static String shown(String name) {
    return name.startsWith("scopedTarget.") ? name.substring("scopedTarget.".length()) : name;
  }

  // --- end

  /** On the thread that publishes the death: must not block (S1). */
  private void end(Pid pid) {
    if (take(pid)) {
      Thread.ofVirtual().name("otp-process-scope").start(this::destroyEnded);
    }
  }

  private boolean take(Pid pid) {
    Instances theirs = owned.remove(pid);
    if (theirs == null) {
      return false;
    }
    boolean some;
    synchronized (theirs) {
      theirs.ended = true;
      some = !theirs.beans.isEmpty() || !theirs.destructions.isEmpty();
    }
    if (some) {
      ended.add(theirs);
    }
    return some;
  }

  /** Destroys what dead processes have left; returns when nothing of it is left. */
  void destroyEnded() {
    destroying.lock();
    try {
      for (Instances theirs = ended.poll(); theirs != null; theirs = ended.poll()) {
        theirs.destructions.forEach(ProcessBeans::destroy);
        instances.addAndGet(-theirs.beans.size());
      }
    } finally {
      destroying.unlock();
    }
  }

  /** Destroys everything, also of processes that live: their context goes. */
  void close() {
    owned.keySet().forEach(this::take);
    destroyEnded();
  }

  private static void destroy(String name, Runnable destruction) {
    try {
      destruction.run();
    } catch (RuntimeException | Error e) {
      LOG.warn("Process-scoped bean '{}' could not be destroyed", shown(name), e);
    }
  }

  /** How many instances there are. */
  int size() {
    return instances.get();
  }

  // --- Scope

  @Override
  public void registerDestructionCallback(String name, Runnable callback) {
    Pid pid;
    try {
      pid = runtime.get().<@Nullable Pid>operate(self -> self);
    } catch (ProcessKilledError e) { // while its bean was made, which nobody will have
      destroy(name, callback);
      throw e;
    }
    Instances mine = pid == null ? null : owned.get(pid);
    boolean late = mine == null;
    if (mine != null) {
      synchronized (mine) {
        late = mine.ended;
        if (!late) {
          mine.destructions.put(name, callback);
        }
      }
    }
    if (late) { // its context was closed while it was made
      destroy(name, callback);
    }
  }

  @Override
  public @Nullable Object remove(String name) {
    Instances mine = owned.get(currentProcess(name));
    if (mine == null) {
      return null;
    }
    synchronized (mine) {
      mine.destructions.remove(name);
      Object removed = mine.beans.remove(name);
      if (removed != null) {
        instances.decrementAndGet();
      }
      return removed;
    }
  }

  @Override
  public @Nullable String getConversationId() {
    Pid pid = runtime.get().<@Nullable Pid>operate(self -> self);
    return pid == null ? null : pid.toString();
  }

  @Override
  public @Nullable Object resolveContextualObject(String key) {
    return null;
  }
}
