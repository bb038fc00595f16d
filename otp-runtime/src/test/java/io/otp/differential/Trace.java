package io.otp.differential;

import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.process.TimerExpired;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What happened in a scenario, one line an event, written as Erlang writes it: strings are atoms,
 * {@link #tuple} makes tuples, pids and references are p1, p2 and r1, r2 in the order in which they
 * appear, crashes are told without what was thrown.
 */
final class Trace {

  /** How long something that must happen may take. */
  static final Duration LIMIT = Duration.ofSeconds(20);

  /** How long nothing is waited for. */
  static final Duration QUIET = Duration.ofMillis(60);

  /** Erlang's tuple. */
  @Immutable
  record Tuple(List<Object> elements) {}

  private final List<String> lines = new ArrayList<>();
  private final Map<Object, String> names = new HashMap<>();
  private int pids;
  private int refs;

  /** A message or event of several parts. */
  static Tuple tuple(Object... elements) {
    return new Tuple(List.copyOf(Arrays.asList(elements)));
  }

  synchronized void ev(Object term) {
    lines.add(text(term));
  }

  synchronized void ev(String label, Object term) {
    lines.add(label + ": " + text(term));
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  private String text(Object term) {
    return switch (term) {
      case String atom -> atom.matches("[a-z][A-Za-z0-9_@]*") ? atom : "'" + atom + "'";
      case List<?> list -> list.stream().map(this::text).collect(Collectors.joining(",", "[", "]"));
      case Tuple(var elements) ->
          elements.stream().map(this::text).collect(Collectors.joining(",", "{", "}"));
      case Pid pid -> names.computeIfAbsent(pid, p -> "p" + ++pids);
      case Ref ref -> names.computeIfAbsent(ref, r -> "r" + ++refs);
      case Exit(var from, var reason) -> text(tuple("EXIT", from, reason));
      case Down(var ref, var object, var reason) ->
          text(tuple("DOWN", ref, "process", object, reason));
      case TimerExpired(var ref, var message) -> text(tuple("timeout", ref, message));
      case ExitReason reason -> text(reason);
      default -> term.toString();
    };
  }

  private String text(ExitReason reason) {
    return switch (reason) {
      case ExitReason.Crash(var kind, _) ->
          kind == ExitReason.Crash.Kind.THROW ? "nocatch" : "error";
      case ExitReason.ShutdownWith(var detail) -> text(tuple("shutdown", detail));
      case ExitReason.CallFailed(var why, _, _, _) -> text(tuple("call", why));
      case ExitReason.Other(var term) -> text(term);
      default -> reason.toString();
    };
  }

  // --- what scenarios do

  /** Takes the oldest message, which must come. */
  static Object next(Self<Object> self) {
    return self.receive(LIMIT, Receive::take)
        .orElseThrow(() -> new AssertionError("nothing came within " + LIMIT));
  }

  /** What is in the mailbox, and comes until it is quiet. */
  static List<Object> flush(Self<Object> self) {
    var messages = new ArrayList<>();
    while (true) {
      var message = self.receive(QUIET, Receive::take);
      if (message.isEmpty()) {
        return messages;
      }
      messages.add(message.get());
    }
  }

  /** Waits for the end of a process. */
  static void ended(Self<Object> self, Pid pid) {
    Ref ref = self.monitor(pid);
    self.receive(
            LIMIT,
            message ->
                message instanceof Down down && down.ref() == ref
                    ? Receive.take(down)
                    : Receive.skip())
        .orElseThrow(() -> new AssertionError("still alive: " + pid));
  }

  /** What an operation comes to: {@code ok}, or the error it raises. */
  static Object errorOf(Runnable operation) {
    try {
      operation.run();
      return "ok";
    } catch (ProcessExit e) {
      return e.reason();
    } catch (IllegalArgumentException e) {
      return "badarg";
    }
  }
}
