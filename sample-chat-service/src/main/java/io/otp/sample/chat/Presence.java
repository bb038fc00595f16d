package io.otp.sample.chat;

import io.otp.process.ProcessRuntime;
import io.otp.registry.ProcessGroups;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One process group for each room, called as the room; its sessions are in it while they live. */
@Configuration(proxyBeanMethods = false)
class Presence {

  @Bean
  ProcessGroups<String> roomGroups(ProcessRuntime runtime) {
    return new ProcessGroups<>(runtime, "chat");
  }
}
