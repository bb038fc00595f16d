package io.otp.snippets;

import io.otp.application.AllStarted;
import io.otp.application.Application;
import io.otp.application.ApplicationController;
import io.otp.application.ApplicationSpec;
import io.otp.application.ApplicationStart;
import io.otp.application.ApplicationType;
import io.otp.application.StartType;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Instant;
import java.util.Map;

/** The examples in the Javadoc of io.otp.application, compiled. Change both together. */
final class ApplicationSnippets {

  private ApplicationSnippets() {}

  static SupervisorSpec tree(Shop.Settings settings) {
    return SupervisorSpec.of("shop", Strategy.ONE_FOR_ONE);
  }

  /** Application. */
  static final class Shop implements Application<Shop.Settings, Instant> {
    record Settings(int tills) {}

    @Override
    public ApplicationStart<Instant> start(StartType type, Settings settings, Self<Object> self) {
      return ApplicationStart.of(Supervisor.startLink(self, tree(settings)), Instant.now());
    }

    @Override
    public void stop(Instant since, Self<Object> self) {
      System.out.println("open since " + since);
    }
  }

  /** ApplicationSpec. */
  static ApplicationSpec shop() {
    ApplicationSpec shop =
        ApplicationSpec.of("shop")
            .withApplications("ledger", "mail")
            .withEnvironment(Map.of("currency", "EUR"))
            .withModule(new Shop(), new Shop.Settings(3));
    return shop;
  }

  /** ApplicationController. */
  static void start(ProcessRuntime runtime, ApplicationSpec ledger, ApplicationSpec shop) {
    ApplicationController applications = ApplicationController.of(runtime);
    applications.load(ledger);
    applications.load(shop);
    switch (applications.ensureAllStarted("shop", ApplicationType.PERMANENT)) {
      case AllStarted.Started(var names) -> System.out.println("started " + names);
      case AllStarted.Failed(var error) -> System.err.println(error.message());
    }
  }
}
