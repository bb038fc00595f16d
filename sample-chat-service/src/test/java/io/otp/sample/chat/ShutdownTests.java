package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.otp.process.ExitReason;
import io.otp.process.ProcessRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class ShutdownTests {

  private ConfigurableApplicationContext context;
  private int port;

  @BeforeEach
  void start() {
    context =
        SpringApplication.run(
            ChatServiceApplication.class, "--server.port=0", "--management.server.port=0");
    port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  @AfterEach
  void stop() {
    context.close();
  }

  @Test
  void tellsEveryClientAndEndsInTime() {
    var clients = new ArrayList<ChatClient>();
    for (int i = 0; i < 200; i++) {
      clients.add(ChatClient.join(port, "room-" + i % 10, "user-" + i));
    }
    // One that does not read must not hold it up.
    ChatClient stuck = ChatClient.connectWithoutReading(port, "room-0", "stuck");
    long begun = System.nanoTime();
    context.close();
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    assertThat(took).isLessThan(Duration.ofSeconds(10));
    for (ChatClient client : clients) {
      assertThat(client.closeCode()).isEqualTo(1001);
    }
    stuck.close();
    assertThatThrownBy(() -> ChatClient.connect(port, "room-0", "late"))
        .hasCauseInstanceOf(java.io.IOException.class);
  }

  @Test
  void startsAfreshWithTheHeir() {
    ProcessRuntime runtime = context.getBean(ProcessRuntime.class);
    try (ChatClient joe = ChatClient.join(port, "lobby", "joe")) {
      joe.say("forgotten", "1");
      joe.await("message");
      runtime.exit(runtime.whereis("heir").orElseThrow(), ExitReason.KILL);
      assertThat(joe.closeCode()).isEqualTo(1012);
    }
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () ->
                runtime.whereis("session").filter(runtime::isAlive).isPresent()
                    && runtime.whereis("history").filter(runtime::isAlive).isPresent());
    try (ChatClient joe = ChatClient.connect(port, "lobby", "joe")) {
      assertThat(joe.await("welcome").path("history")).isEmpty();
      joe.say("first", "1");
      assertThat(joe.await("message").path("seq").asLong()).isEqualTo(1);
    }
  }
}
