package io.otp.process;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The registered names of a runtime. A name belongs to one process, a process has at most one name.
 *
 * <p>Any thread. Invariant: under the lock of a process, its own {@link Process#name} is {@code n}
 * if and only if this maps {@code n} to it.
 */
final class Names {

  private final Map<String, Process> names = new ConcurrentHashMap<>();

  int size() {
    return names.size();
  }

  @Nullable Process whereis(String name) {
    return names.get(name);
  }

  Process require(String name) {
    Process process = names.get(name);
    if (process == null) {
      throw new NoSuchNameException(name);
    }
    return process;
  }

  void register(String name, Process process) {
    if (name.isEmpty() || name.length() > 255 || name.equals("undefined")) {
      throw new NameTakenException(
          name,
          null,
          "'"
              + name
              + "' cannot be a name: use 1 to 255 characters, and not 'undefined', which means no"
              + " name");
    }
    synchronized (process) {
      if (!process.accepts()) {
        throw new NameTakenException(
            name,
            null,
            "Process " + process + " has ended and cannot be registered as '" + name + "'");
      }
      String before = process.name();
      if (before != null) {
        throw new NameTakenException(
            name,
            null,
            "Process "
                + process
                + " is registered as '"
                + before
                + "' and cannot be '"
                + name
                + "' too; unregister it first");
      }
      Process holder = names.putIfAbsent(name, process);
      if (holder != null) {
        throw new NameTakenException(
            name,
            holder,
            "The name '"
                + name
                + "' is taken by "
                + holder
                + "; choose another one or wait until it has ended");
      }
      process.name(name);
      Tracing tracing = process.runtime.tracing;
      if (tracing != null) {
        tracing.registered(process, name);
      }
    }
  }

  /** Gives {@code name} free if {@code process} has it: it may have got another one meanwhile. */
  void unregister(Process process, @Nullable String name) {
    synchronized (process) {
      if (name != null && name.equals(process.name())) {
        Tracing tracing = process.runtime.tracing;
        if (tracing != null) {
          tracing.tell(process, Tracer.Kind.UNREGISTER, name, null);
        }
        process.name(null);
        names.remove(name, process);
      }
    }
  }

  /** Of a process that has ended; under its lock. */
  void release(String name, Process process) {
    names.remove(name, process);
  }
}
