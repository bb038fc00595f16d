package io.otp.application;

import io.otp.application.ApplicationInfo.Status;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Request;
import io.otp.process.Self;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the configuration: each is a round of masters that tell their applications, and is
 * answered when all of them have, or have ended. Confined to the {@link ControllerProcess}.
 */
final class ConfigRounds {

  /** Masters that are telling their applications of a new configuration. */
  private static final class Round {
    final Request request;
    final Map<Pid, String> untold = new HashMap<>();
    final Map<String, ExitReason> failures = new LinkedHashMap<>();

    Round(Request request) {
      this.request = request;
    }
  }

  private final Environment environment;
  private final Map<Long, Round> rounds = new HashMap<>();
  private long lastRound;

  ConfigRounds(Environment environment) {
    this.environment = environment;
  }

  void begin(
      ControllerMessage.Configure message,
      Request request,
      Collection<LoadedApplication> loaded,
      Self<Object> self) {
    var before = new HashMap<String, Map<String, Object>>();
    loaded.forEach(
        application -> before.put(application.name(), environment.all(application.name())));
    environment.configure(message.files(), message.commandLine());
    var round = new Round(request);
    long number = ++lastRound;
    for (LoadedApplication application : loaded) {
      environment.reload(application.spec);
      ConfigChange change =
          ConfigChange.of(
              before.getOrDefault(application.name(), Map.of()),
              environment.all(application.name()));
      Pid master = application.master;
      if (application.status == Status.RUNNING && master != null && !change.isEmpty()) {
        round.untold.put(master, application.name());
        self.runtime().signal(master, new ControllerMessage.Change(change, number));
      }
    }
    rounds.put(number, round);
    finish(number, round);
  }

  /** A master has ended: it tells nobody any more. */
  void ended(Pid master) {
    List.copyOf(rounds.keySet()).forEach(round -> told(round, master, null));
  }

  void told(long number, Pid master, @Nullable ExitReason failure) {
    Round round = rounds.get(number);
    String application = round == null ? null : round.untold.remove(master);
    if (round == null || application == null) {
      return;
    }
    if (failure != null) {
      round.failures.put(application, failure);
    }
    finish(number, round);
  }

  private void finish(long number, Round round) {
    if (round.untold.isEmpty()) {
      rounds.remove(number);
      round.request.reply(Map.copyOf(round.failures));
    }
  }
}
