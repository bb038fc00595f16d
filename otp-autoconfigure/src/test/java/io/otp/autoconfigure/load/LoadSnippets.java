package io.otp.autoconfigure.load;

import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.otp.autoconfigure.breaker.Breaker;
import io.otp.process.Call;
import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import java.time.Duration;

/** The examples in the Javadoc of load and breaker, compiled. Change both together. */
final class LoadSnippets {

  private LoadSnippets() {}

  record Page(String text) {}

  record Receipt(long number) {}

  record Pay(String order) implements Call<Pay, Receipt> {}

  interface Index {
    Page search(String words);
  }

  /** Regulators. */
  static Page regulators(Regulators regulators, Index index, String words) {
    Page page = regulators.get("search").run(() -> index.search(words));
    return page;
  }

  /** Breaker, the spec. */
  static ChildSpec spec(CircuitBreakerRegistry registry) {
    ChildSpec spec =
        Breaker.childSpec("bank", registry.circuitBreaker("bank")); // in some supervisor
    return spec;
  }

  /** Breaker, its use. */
  static Receipt breaker(ProcessRuntime runtime, ServerRef<Pay> gateway, String order) {
    Breaker bank = Breaker.of(runtime, "bank");
    Receipt receipt = bank.call(gateway, new Pay(order), Duration.ofSeconds(2));
    return receipt;
  }
}
