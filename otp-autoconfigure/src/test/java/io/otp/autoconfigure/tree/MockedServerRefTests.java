package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.server.ServerRef;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

/** A test may put a mock in the place of a server. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.NONE,
    classes = MockedServerRefTests.Application.class,
    properties = {
      "otp.supervisors.payments.children[0].id=books",
      "otp.supervisors.payments.children[0].server=ledger"
    })
class MockedServerRefTests {

  record Client(ServerRef<Ledger.Message> ledger) {}

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({OtpAutoConfiguration.class, TreeAutoConfiguration.class})
  static class Application {
    @Bean
    Ledger ledger() {
      return new Ledger();
    }

    @Bean
    Client client(ServerRef<Ledger.Message> ledger) {
      return new Client(ledger);
    }
  }

  @MockitoBean ServerRef<Ledger.Message> ledger;

  @Test
  void theMockIsInjected(@Autowired Client client) {
    given(ledger.call(new Ledger.Balance("joe"))).willReturn(42L);
    assertThat(client.ledger().call(new Ledger.Balance("joe"))).isEqualTo(42L);
  }
}
