package io.otp.snippets;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Self;
import io.otp.registry.ProcessGroups;
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

  record Said(String text) {}

  /** ProcessGroups. */
  static void groups(ProcessRuntime runtime, Self<Object> self) {
    ProcessGroups<String> groups = new ProcessGroups<>(runtime, "chat");
    groups.join("room 17", self.pid());
    for (Pid member : groups.members("room 17")) {
      self.send(member, new Said("hello"));
    }

    ProcessGroups.GroupMonitor room = groups.monitor(self, "room 17");
    String news =
        self.receive(
            message ->
                switch (message) {
                  case ProcessGroups.Joined(var ref, var group, var pids) when ref == room.ref() ->
                      Receive.take(pids + " came to " + group);
                  case ProcessGroups.Left(var ref, var group, var pids) when ref == room.ref() ->
                      Receive.take(pids + " left " + group);
                  default -> Receive.skip();
                });
    log.info(news);
  }
}
