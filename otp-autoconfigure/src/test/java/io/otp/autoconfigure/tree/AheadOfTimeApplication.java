package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.server.ServerRef;
import io.otp.supervisor.DynamicSupervisor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Runs in JVMs of its own: first it is processed, then it is started. Not nested, because the
 * generated code of an application is found by the name of its main class.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({OtpAutoConfiguration.class, TreeAutoConfiguration.class})
class AheadOfTimeApplication {

  record Client(
      ServerRef<Ledger.Message> ledger, DynamicSupervisor<Room.Settings, Room.Message> rooms) {}

  @Bean
  Ledger ledger() {
    return new Ledger();
  }

  @Bean
  Room room() {
    return new Room();
  }

  @Bean
  Client client(
      ServerRef<Ledger.Message> ledger, DynamicSupervisor<Room.Settings, Room.Message> rooms) {
    return new Client(ledger, rooms);
  }

  public static void main(String[] args) {
    try (var context = SpringApplication.run(AheadOfTimeApplication.class, args)) {
      Client client = context.getBean(Client.class);
      client.ledger().cast(new Ledger.Deposit("joe", 5));
      System.out.println("balance " + client.ledger().call(new Ledger.Balance("joe")));
      System.out.println(
          "topic "
              + client
                  .rooms()
                  .getOrStart("lobby", new Room.Settings("talk", 2))
                  .call(new Room.Topic()));
    }
  }
}
