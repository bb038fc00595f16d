package io.otp.snippets;

import io.otp.load.Admission;
import io.otp.load.Regulator;
import io.otp.load.RegulatorOptions;
import io.otp.process.ProcessRuntime;
import io.otp.server.NoArgs;
import io.otp.server.Startable;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Heartbeat;
import java.time.Duration;

/** The examples in the Javadoc of io.otp.load and of Heartbeat, compiled. Change both together. */
final class LoadSnippets {

  private LoadSnippets() {}

  interface Report {
    String write();
  }

  /** RegulatorOptions. */
  static RegulatorOptions options() {
    RegulatorOptions door =
        RegulatorOptions.counter(50)
            .withRate(1_000, Duration.ofSeconds(1), 100)
            .withQueue(200)
            .withQueueDelay(Duration.ofMillis(20), Duration.ofMillis(500));
    return door;
  }

  /** Regulator, the spec. */
  static ChildSpec spec() {
    ChildSpec spec =
        Regulator.childSpec(
            "door",
            RegulatorOptions.counter(50)
                .withQueue(200)
                .withQueueDelay(
                    Duration.ofMillis(20), Duration.ofMillis(500))); // in some supervisor
    return spec;
  }

  /** Regulator, its use. */
  static String use(ProcessRuntime runtime, Report report) {
    Regulator door = Regulator.of(runtime, "door");
    switch (door.ask()) {
      case Admission.Admitted(var ticket, _) -> {
        try {
          return report.write();
        } finally {
          door.done(ticket);
        }
      }
      case Admission.Rejected(_, var retryAfter) -> {
        return "busy, come again in " + retryAfter;
      }
    }
  }

  /** io.otp.supervisor.Heartbeat. */
  static ChildSpec heartbeat(Startable<NoArgs, ?> gateway) {
    return ChildSpec.worker("gateway", gateway)
        .withHeartbeat(Heartbeat.every(Duration.ofSeconds(10)).withTimeout(Duration.ofSeconds(30)));
  }
}
