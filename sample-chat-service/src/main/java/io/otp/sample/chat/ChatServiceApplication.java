package io.otp.sample.chat;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the chat service. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class ChatServiceApplication {

  /** Starts the chat service on port 8080. */
  public static void main(String[] args) {
    SpringApplication.run(ChatServiceApplication.class, args);
  }
}
