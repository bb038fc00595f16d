package io.otp.application;

import io.otp.application.ApplicationInfo.Status;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessSummary;
import io.otp.process.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the {@link ControllerProcess} knows of an application that is loaded; confined to it. */
final class LoadedApplication {
  final ApplicationSpec spec;
  Status status = Status.LOADED;
  @Nullable ApplicationType type;
  @Nullable Pid master;
  @Nullable Pid supervisor;
  @Nullable Instant startedAt;
  @Nullable ExitReason ended;

  /** What its master said before it ended. */
  ApplicationError.@Nullable StartFailed failure;

  @Nullable ExitReason end;

  /** Who waits for the start or stop that is going on. */
  final List<Request> waiting = new ArrayList<>();

  /** What is to be done when that is over. */
  final List<Request> later = new ArrayList<>();

  @Nullable Request killer;
  List<ProcessSummary> killed = List.of();

  LoadedApplication(ApplicationSpec spec) {
    this.spec = spec;
  }

  String name() {
    return spec.name();
  }

  ApplicationType type() {
    return Objects.requireNonNull(type);
  }

  void begin() {
    status = Status.STARTING;
    ended = null;
    failure = null;
    end = null;
    supervisor = null;
  }

  /** The type rule. */
  boolean takesNodeDown(ExitReason reason) {
    return switch (type()) {
      case PERMANENT -> true;
      case TRANSIENT -> !(reason instanceof ExitReason.Normal);
      case TEMPORARY -> false;
    };
  }

  /** Answers who waits for the start or stop that is over. */
  void answer(Object answer) {
    List<Request> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(request -> request.reply(answer));
  }

  /** Answers who had it killed, if anybody did. */
  void answerKiller() {
    if (killer != null) {
      killer.reply(killed);
      killer = null;
      killed = List.of();
    }
  }

  ApplicationInfo info() {
    return new ApplicationInfo(spec, status, type, supervisor, startedAt, ended);
  }
}
