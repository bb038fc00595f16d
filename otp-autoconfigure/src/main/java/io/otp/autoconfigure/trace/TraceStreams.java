package io.otp.autoconfigure.trace;

import io.otp.autoconfigure.DrainListener;
import io.otp.autoconfigure.report.BoundedText;
import io.otp.process.ProcessRuntime;
import io.otp.process.Tracer.Flag;
import io.otp.trace.Trace;
import io.otp.trace.TraceEnd;
import io.otp.trace.TraceEvent;
import io.otp.trace.TraceLimits;
import io.otp.trace.TraceSession;
import io.otp.trace.TraceSink;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Turns requests into trace sessions, so many at once as allowed; ends them with the application.
 */
final class TraceStreams implements DrainListener {

  /** Events of a trace by default, and at most. */
  static final int DEFAULT_MAX = 100;

  static final int MOST = 10_000;

  /** Seconds of a trace by default, and at most. */
  static final int DEFAULT_SECONDS = 30;

  static final int LONGEST = 600;

  private static final List<String> CHOICES = List.of("pid", "name", "behaviour", "application");

  private static final Set<String> KNOWN =
      Set.of("pid", "name", "behaviour", "application", "new", "flags", "max", "seconds");

  private final ProcessRuntime runtime;
  private final TraceEndpointProperties properties;
  private final Semaphore places;
  private volatile boolean stopping;
  private final Set<TraceSession> sessions = ConcurrentHashMap.newKeySet();

  TraceStreams(ProcessRuntime runtime, TraceEndpointProperties properties) {
    this.runtime = runtime;
    this.properties = properties;
    this.places = new Semaphore(properties.maxSessions());
  }

  /**
   * Begins to trace.
   *
   * @throws TraceRefusal if the parameters are not allowed, or as many traces run as may
   */
  TraceSession start(Map<String, String> parameters, TraceSink client) {
    Trace trace = trace(parameters);
    if (stopping) {
      throw new TraceRefusal(TraceRefusal.UNAVAILABLE, "The application stops.");
    }
    if (!places.tryAcquire()) {
      throw new TraceRefusal(
          TraceRefusal.TOO_MANY,
          properties.maxSessions()
              + " traces run already, which is what management.endpoint.otptrace.max-sessions"
              + " allows. End one, or wait until it has ended by itself.");
    }
    boolean started = false;
    try {
      TraceSession session = trace.start(new Counted(client));
      started = true;
      sessions.add(session);
      if (stopping) { // drain may have looked before this one was there
        session.close();
      }
      forgetEnded();
      return session;
    } catch (IllegalStateException e) {
      throw new TraceRefusal(TraceRefusal.TOO_MANY, String.valueOf(e.getMessage()));
    } finally {
      if (!started) {
        places.release();
      }
    }
  }

  /** Ends all: an open stream would keep the web server from stopping. */
  @Override
  public CompletionStage<?> drain() {
    stopping = true;
    sessions.forEach(TraceSession::close);
    return CompletableFuture.completedFuture(null);
  }

  private void forgetEnded() {
    sessions.removeIf(session -> session.end() != null);
  }

  /** Gives the place free at the end. */
  private final class Counted implements TraceSink {
    private final TraceSink client;

    Counted(TraceSink client) {
      this.client = client;
    }

    @Override
    public void event(TraceEvent event) throws Exception {
      client.event(event);
    }

    @Override
    public void idle() throws Exception {
      client.idle();
    }

    @Override
    public void ended(TraceEnd end) {
      places.release();
      forgetEnded();
      client.ended(end);
    }
  }

  private Trace trace(Map<String, String> parameters) {
    for (String name : parameters.keySet()) {
      if (!KNOWN.contains(name)) {
        throw bad("There is no parameter " + name + ". Known: " + new TreeSet<>(KNOWN) + ".");
      }
    }
    Trace trace = Trace.in(runtime);
    boolean chosen = isNew(parameters);
    if (chosen) {
      trace.newProcesses();
    }
    for (String choice : CHOICES) {
      String value = parameters.get(choice);
      if (value != null) {
        choose(trace, choice, value);
        chosen = true;
      }
    }
    if (!chosen) {
      throw bad(
          "Say which processes to trace: pid, name, behaviour or application, or new=true for all"
              + " that are started from now on.");
    }
    trace.flags(flags(parameters.get("flags")).toArray(Flag[]::new));
    int max = number(parameters, "max", DEFAULT_MAX, MOST);
    int seconds = number(parameters, "seconds", DEFAULT_SECONDS, LONGEST);
    trace.limits(TraceLimits.DEFAULT.withMax(max).withTime(Duration.ofSeconds(seconds)));
    if (properties.showMessages()) {
      trace.withText(content -> BoundedText.of(content, Trace.TEXT), Trace.TEXT + 1);
    }
    return trace;
  }

  private static boolean isNew(Map<String, String> parameters) {
    String value = parameters.getOrDefault("new", "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw bad("new=" + value + " is not allowed, it must be true or false.");
    }
    return value.equals("true");
  }

  private void choose(Trace trace, String choice, String value) {
    switch (choice) {
      case "pid" ->
          trace.pid(
              runtime
                  .findPid(value)
                  .orElseThrow(
                      () ->
                          new TraceRefusal(
                              TraceRefusal.NOT_FOUND,
                              "There is no process "
                                  + value
                                  + ". Ask otpprocesses for those that live.")));
      case "name" -> trace.name(value);
      case "behaviour" -> trace.behaviour(value);
      default -> trace.application(value);
    }
  }

  private static Set<Flag> flags(@Nullable String text) {
    var flags = EnumSet.noneOf(Flag.class);
    if (text == null) {
      return EnumSet.allOf(Flag.class);
    }
    for (String name : text.split(",", -1)) {
      try {
        flags.add(Flag.valueOf(name.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw bad(
            "flags="
                + text
                + " is not allowed, it must be some of send, receive, call and procs, with commas"
                + " between them.");
      }
    }
    return flags;
  }

  private static int number(Map<String, String> parameters, String name, int otherwise, int most) {
    String text = parameters.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw bad(name + "=" + text + " is not allowed, it must be a number from 1 to " + most + ".");
  }

  private static TraceRefusal bad(String text) {
    return new TraceRefusal(TraceRefusal.BAD_REQUEST, text);
  }
}
