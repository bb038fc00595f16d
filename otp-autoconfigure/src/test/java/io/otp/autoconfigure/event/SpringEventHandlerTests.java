package io.otp.autoconfigure.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.tree.TreeAutoConfiguration;
import io.otp.event.EventManager;
import io.otp.event.EventManagerRef;
import io.otp.event.HandlerSpec;
import io.otp.process.ProcessRuntime;
import io.otp.server.NoArgs;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** Events of managers as application events. */
@ExtendWith(OutputCaptureExtension.class)
class SpringEventHandlerTests {

  record Sale(String what, long cents) {}

  @Configuration(proxyBeanMethods = false)
  static class Shop {
    final Queue<Sale> heard = new ConcurrentLinkedQueue<>();

    @Bean
    SupervisorSpec shopTree(SpringEventHandler publish) {
      return SupervisorSpec.of(
          "shop",
          Strategy.ONE_FOR_ONE,
          EventManager.<Sale>named("sales")
              .withHandler(HandlerSpec.of(publish, NoArgs.NO_ARGS))
              .child("sales"));
    }

    @EventListener
    void on(Sale sale) {
      if (sale.cents() < 0) {
        throw new IllegalArgumentException("refund: " + sale);
      }
      heard.add(sale);
    }
  }

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  OtpAutoConfiguration.class,
                  TreeAutoConfiguration.class,
                  EventAutoConfiguration.class))
          .withUserConfiguration(Shop.class);

  @Test
  void eventsOfAManagerReachListeners() {
    runner.run(
        context -> {
          EventManagerRef<Sale> sales =
              EventManagerRef.of(context.getBean(ProcessRuntime.class), "sales");
          sales.syncNotify(new Sale("tea", 300));
          sales.syncNotify(new Sale("coffee", 400));
          assertThat(context.getBean(Shop.class).heard)
              .containsExactly(new Sale("tea", 300), new Sale("coffee", 400));
        });
  }

  @Test
  void listenerThatThrowsDoesNotCostTheHandler(CapturedOutput output) {
    runner.run(
        context -> {
          EventManagerRef<Sale> sales =
              EventManagerRef.of(context.getBean(ProcessRuntime.class), "sales");
          sales.syncNotify(new Sale("tea", -300));
          assertThat(sales.whichHandlers()).hasToString("[SpringEventHandler]");
          sales.syncNotify(new Sale("tea", 300));
          assertThat(context.getBean(Shop.class).heard).containsExactly(new Sale("tea", 300));
          assertThat(output).contains("A listener of " + Sale.class.getName() + " failed");
        });
  }

  @Test
  void handlerMayBeReplaced() {
    var mine = new SpringEventHandler(event -> {});
    runner
        .withBean("mine", SpringEventHandler.class, () -> mine)
        .run(context -> assertThat(context.getBean(SpringEventHandler.class)).isSameAs(mine));
  }
}
