package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The service as a process of the operating system, which is told to end. */
class SigtermTests {

  private static final int CLIENTS = 100;
  private static final Pattern PORT = Pattern.compile("Netty started on port (\\d+)");

  private final List<String> log = new ArrayList<>();
  private Process service;

  @AfterEach
  void destroy() {
    service.destroyForcibly();
  }

  @Test
  void allClientsSee1001AndTheJvmIsGoneInTenSeconds() throws Exception {
    service =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                ChatServiceApplication.class.getName(),
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--management.server.port=0")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = service.inputReader()) {
      int port = portOf(output);
      readUntil("Started ChatServiceApplication", output);
      var clients = new ArrayList<ChatClient>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(ChatClient.join(port, "room-" + i % 5, "user-" + i));
      }
      long begun = System.nanoTime();
      service.toHandle().destroy(); // SIGTERM; Process.destroy would close the log
      assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      for (ChatClient client : clients) {
        assertThat(client.closeCode()).isEqualTo(1001);
      }
      output.lines().forEach(log::add);
    }
    assertThat(log).as("the log").noneMatch(line -> line.matches(".* ERROR .*|\\s+at .*"));
    assertThat(log.stream().dropWhile(line -> !line.contains("graceful shutdown")))
        .as("what is logged at the end")
        .isNotEmpty()
        .noneMatch(line -> line.contains(" WARN "));
    // 128 + 15: the JVM ended because of the signal, after its shutdown hooks.
    assertThat(service.exitValue()).isEqualTo(143);
  }

  private int portOf(BufferedReader output) throws Exception {
    Matcher port = PORT.matcher(readUntil("Netty started on port", output));
    assertThat(port.find()).isTrue();
    return Integer.parseInt(port.group(1));
  }

  private String readUntil(String text, BufferedReader output) throws Exception {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      log.add(line);
      if (line.contains(text)) {
        return line;
      }
    }
    throw new AssertionError("The service ended without '" + text + "': " + log);
  }
}
