package io.otp.snippets;

import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.registry.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The examples in the Javadoc of io.otp.registry, compiled. Change both together. */
final class RegistrySnippets {

  private static final Logger log = LoggerFactory.getLogger(RegistrySnippets.class);

  private RegistrySnippets() {}

  record Headline(String text) {}

  /** Registry. */
  static void registry(ProcessRuntime runtime, Self<Object> self) {
    Registry<Integer, String> rooms = Registry.unique(runtime, "rooms");
    switch (rooms.register(self, 17, "the blue one")) {
      case Registry.Registration.Done _ -> log.info("I am room 17");
      case Registry.Registration.AlreadyRegistered(var holder) -> log.info("{} is room 17", holder);
    }

    Registry<String, Integer> topics = Registry.duplicate(runtime, "topics");
    topics.register(self, "news", 1);
    topics.dispatch("news", new Headline("it works"));
  }
}
