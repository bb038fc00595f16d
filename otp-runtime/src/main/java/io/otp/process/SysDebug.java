package io.otp.process;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process tells of itself while somebody debugs it: a log, counts, lines, functions. Made
 * when the first of them is asked for; used by the thread that runs the process.
 */
final class SysDebug {

  private static final Logger LOG = LoggerFactory.getLogger(Sys.class);

  /** Most characters of one line of a trace. */
  private static final int MAX_LINE = 1_000;

  private record Installed(Sys.DebugFunction<Object> function, Object state) {}

  private boolean tracing;
  private @Nullable ArrayDeque<SystemEvent> log;
  private int logSize;
  private @Nullable Instant countedFrom;
  private long in;
  private long out;
  private final Map<String, Installed> functions = new LinkedHashMap<>(2);

  boolean isActive() {
    return tracing || log != null || countedFrom != null || !functions.isEmpty();
  }

  /** What is active, for {@link Sys.Status}. */
  List<String> names() {
    var names = new ArrayList<String>();
    if (tracing) {
      names.add("trace");
    }
    if (log != null) {
      names.add("log");
    }
    if (countedFrom != null) {
      names.add("statistics");
    }
    names.addAll(functions.keySet());
    return names;
  }

  // --- events

  void handle(SystemEvent event, Process process) {
    if (tracing) {
      LOG.info("*DBG* {}", line(event, process));
    }
    if (log != null) {
      if (log.size() == logSize) {
        log.removeFirst();
      }
      log.addLast(event);
    }
    if (event instanceof SystemEvent.In) {
      in++;
    } else if (event instanceof SystemEvent.Out) {
      out++;
    }
    if (!functions.isEmpty()) {
      functions.entrySet().removeIf(entry -> isDone(entry, event, process));
    }
  }

  private static boolean isDone(
      Map.Entry<String, Installed> entry, SystemEvent event, Process process) {
    Installed installed = entry.getValue();
    try {
      Object next = installed.function.handle(installed.state, event, process);
      if (next == null) {
        return true;
      }
      if (next != installed.state) {
        entry.setValue(new Installed(installed.function, next));
      }
      return false;
    } catch (ProcessKilledError e) {
      throw e;
    } catch (Throwable t) {
      LOG.warn(
          "Debug function '{}' of {} threw and was removed; the process goes on",
          entry.getKey(),
          process,
          t);
      return true;
    }
  }

  /** A line as OTP prints it; the text of a message may be anything. */
  private static String line(SystemEvent event, Process process) {
    String name = process.nameOrLabel();
    String text;
    try {
      text = text(event);
    } catch (ProcessKilledError e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      text = "tells of a message whose toString threw " + e.getClass().getName();
    }
    String line = (name == null ? "" : "'" + name + "' ") + process + " " + text;
    return line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE) + "…";
  }

  private static String text(SystemEvent event) {
    return switch (event) {
      case SystemEvent.In(var kind, var message, var from, var state) ->
          "got "
              + kind
              + " "
              + message
              + (from == null ? "" : " from " + from)
              + (state == null ? "" : " in state " + state);
      case SystemEvent.Out(var reply, var to, var state) ->
          "sent "
              + reply
              + (to == null ? " to a caller that is no process" : " to " + to)
              + (state == null ? "" : ", new state " + state);
      case SystemEvent.NoReply(var state) -> "new state " + state;
      case SystemEvent.Continue(var continuation) -> "continue " + continuation;
      case SystemEvent.Consume(var kind, var what, var state, var next) ->
          "consume " + kind + " " + what + " in state " + state + " => " + next;
      case SystemEvent.Postpone(var kind, var what, var state, var next) ->
          "postpone " + kind + " " + what + " in state " + state + " => " + next;
      case SystemEvent.StartTimer(var timer, var time, var what, var state) ->
          "start_timer " + timer + " " + time + " " + what + " in state " + state;
      case SystemEvent.Module(var module, var state) -> "module " + module + " in state " + state;
      case SystemEvent.Terminate(var reason, var state) ->
          "terminate " + reason + " in state " + state;
      case SystemEvent.Other(var what) -> String.valueOf(what);
    };
  }

  // --- commands

  /** Obeys and returns the answer. What is there already stays as it is, as in OTP. */
  Object obey(SystemMessage.Debug command, ProcessRuntime runtime) {
    switch (command) {
      case SystemMessage.Debug.Trace(var on) -> tracing = on;
      case SystemMessage.Debug.Log(var size) -> log(size);
      case SystemMessage.Debug.GetLog _ -> {
        return log == null ? List.of() : List.copyOf(log);
      }
      case SystemMessage.Debug.Statistics(var on) -> count(on, runtime);
      case SystemMessage.Debug.GetStatistics _ -> {
        return countedFrom == null
            ? Optional.empty()
            : Optional.of(
                new Sys.Statistics(
                    Objects.requireNonNull(countedFrom), runtime.clock().instant(), in, out));
      }
      case SystemMessage.Debug.Install install -> install(install);
      case SystemMessage.Debug.Remove(var id) -> functions.remove(id);
      case SystemMessage.Debug.NoDebug _ -> {
        tracing = false;
        log = null;
        countedFrom = null;
        functions.clear();
      }
    }
    return Call.Ok.OK;
  }

  private void log(int size) {
    if (size == 0) {
      log = null;
    } else if (log == null) {
      log = new ArrayDeque<>(Math.min(size, 16));
      logSize = size;
    }
  }

  private void count(boolean on, ProcessRuntime runtime) {
    if (!on) {
      countedFrom = null;
    } else if (countedFrom == null) {
      countedFrom = runtime.clock().instant();
      in = 0;
      out = 0;
    }
  }

  @SuppressWarnings("unchecked") // Sys.install puts together a function and a state of its type
  private void install(SystemMessage.Debug.Install install) {
    functions.putIfAbsent(
        install.id(),
        new Installed((Sys.DebugFunction<Object>) install.function(), install.state()));
  }
}
