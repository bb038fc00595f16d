package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.application.ApplicationController;
import io.otp.application.ApplicationInfo;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.load.LoadAutoConfiguration;
import io.otp.process.ProcessRuntime;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.supervisor.AutoShutdown;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Trees that are beans. */
class SpecBeanTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(OtpAutoConfiguration.class, TreeAutoConfiguration.class))
          .withBean("ledger", Ledger.class);

  record Client(ServerRef<Ledger.Message> ledger) {}

  private static SupervisorSpec tree(String name, ChildSpec... children) {
    return SupervisorSpec.of(name, Strategy.ONE_FOR_ONE, children);
  }

  @Configuration(proxyBeanMethods = false)
  static class Payments {
    @Bean
    SupervisorSpec payments(Ledger ledger) {
      return tree(
          "payments",
          ChildSpec.supervisor("books", tree("books", ChildSpec.worker("ledger", ledger))));
    }
  }

  @Test
  void aServerAtAnyDepthIsInjected() {
    runner
        .withUserConfiguration(Payments.class, Client.class)
        .run(
            context ->
                assertThat(context.getBean(Client.class).ledger().call(new Ledger.Balance("joe")))
                    .isZero());
  }

  @Configuration(proxyBeanMethods = false)
  static class Ordered {
    @Bean
    @Order(2)
    SupervisorSpec second() {
      return tree("second");
    }

    @Bean
    @Order(1)
    SupervisorSpec first() {
      return tree("first");
    }
  }

  @Test
  void beansStartInTheirOrderAndBeforeTheConfiguration() {
    runner
        .withUserConfiguration(Ordered.class)
        .withPropertyValues(
            "otp.applications.a.depends-on=b,second",
            "otp.applications.a.supervisor.intensity=1",
            "otp.applications.b.supervisor.intensity=1")
        .run(
            context ->
                assertThat(context.getBean(ApplicationController.class).applications())
                    .extracting(ApplicationInfo::name)
                    .containsExactly("first", "second", "b", "a"));
  }

  private void refuses(ApplicationContextRunner wrong, String text) {
    wrong.run(context -> assertThat(context).getFailure().rootCause().hasMessage(text));
  }

  @Test
  void refusesADependencyThatIsNoBeanEither() {
    refuses(
        runner
            .withUserConfiguration(Ordered.class)
            .withPropertyValues(
                "otp.applications.a.depends-on=secnd", "otp.applications.a.supervisor.intensity=1"),
        "Application 'a' depends on 'secnd', which is not declared. Did you mean 'second'? Known:"
            + " first, second. Fix otp.applications.a.depends-on (\"otp.applications.a.depends-on\""
            + " from property source \"test\").");
  }

  @Configuration(proxyBeanMethods = false)
  static class Renamed {
    @Bean
    SupervisorSpec payments(Ledger ledger) {
      return tree("payments", ChildSpec.worker("books", ledger, NoArgs.NO_ARGS, "payment-ledger"));
    }
  }

  @Test
  void refusesAReferenceThatLeadsNowhere() {
    refuses(
        runner.withUserConfiguration(Renamed.class).withBean("client", Client.class),
        "SupervisorSpec bean 'payments' registers server bean 'ledger' as 'payment-ledger', but"
            + " bean 'client' injects a ServerRef for 'ledger', which no process is called."
            + " Register it as 'ledger', with ChildSpec.worker(id, server, args, \"ledger\"), or"
            + " declare a ServerRef bean made with ServerRef.of(runtime, \"payment-ledger\"); it is"
            + " injected instead.");
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnRef {
    @Bean
    ServerRef<Ledger.Message> ledgerRef(ProcessRuntime runtime) {
      return ServerRef.of(runtime, "payment-ledger");
    }
  }

  @Test
  void aReferenceOfYourOwnLeadsToAnotherName() {
    runner
        .withUserConfiguration(Renamed.class, OwnRef.class)
        .withBean("client", Client.class)
        .run(
            context ->
                assertThat(context.getBean(Client.class).ledger().call(new Ledger.Balance("joe")))
                    .isZero());
  }

  @Configuration(proxyBeanMethods = false)
  static class Twice {
    @Bean
    SupervisorSpec payments(Ledger ledger) {
      return tree("payments", ChildSpec.worker("ledger", ledger));
    }
  }

  @Test
  void refusesANameThatTheConfigurationHasToo() {
    refuses(
        runner
            .withUserConfiguration(Twice.class)
            .withPropertyValues(
                "otp.supervisors.books.children[0].id=ledger",
                "otp.supervisors.books.children[0].server=ledger"),
        "The name 'ledger' is used twice, by otp.supervisors.books.children[0] and SupervisorSpec"
            + " bean 'payments'; a name belongs to one process. Call one of them something else: a"
            + " supervisor and a dynamic child are called as their id, a server by its name, which"
            + " is its id unless you set it.");
  }

  @Test
  void refusesTheNameOfARegulator() {
    refuses(
        runner
            .withConfiguration(AutoConfigurations.of(LoadAutoConfiguration.class))
            .withUserConfiguration(Twice.class)
            .withPropertyValues("otp.regulators.ledger.limit=5"),
        "The name 'ledger' is used twice, by otp.regulators and SupervisorSpec bean 'payments'; a"
            + " name belongs to one process. Call one of them something else: a supervisor and a"
            + " dynamic child are called as their id, a server by its name, which is its id unless"
            + " you set it.");
  }

  @Test
  void refusesTwoBeansWithOneName() {
    refuses(
        runner
            .withBean("one", SupervisorSpec.class, () -> tree("payments"))
            .withBean("two", SupervisorSpec.class, () -> tree("payments")),
        "The name 'payments' is used twice, by SupervisorSpec bean 'one' and SupervisorSpec bean"
            + " 'two'; a name belongs to one process. Call one of them something else: a supervisor"
            + " and a dynamic child are called as their id, a server by its name, which is its id"
            + " unless you set it.");
  }

  @Configuration(proxyBeanMethods = false)
  static class Significant {
    @Bean
    SupervisorSpec payments(Ledger ledger) {
      return tree(
          "payments",
          ChildSpec.supervisor(
              "books",
              tree("books", ChildSpec.worker("ledger", ledger).withSignificant(true))
                  .withAutoShutdown(AutoShutdown.ANY_SIGNIFICANT)));
    }
  }

  @Test
  void refusesASignificantChildThatIsPermanent() {
    refuses(
        runner.withUserConfiguration(Significant.class),
        "Child 'ledger' is significant, but permanent, so that it is never done. Allowed are"
            + " transient and temporary. Change restart. Fix SupervisorSpec bean 'payments'.");
  }

  @Test
  void refusesAProxyInABean() {
    runner
        .withUserConfiguration(ServerBeanTests.ProxyConfiguration.class)
        .withBean("ledger", io.otp.server.GenServer.class, Ledger::new)
        .withAllowBeanDefinitionOverriding(true)
        .withUserConfiguration(AnyServer.class)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageStartingWith("Server bean 'ledger' is wrapped in a proxy, "));
  }

  @Configuration(proxyBeanMethods = false)
  static class AnyServer {
    @Bean
    SupervisorSpec payments(io.otp.server.GenServer<?, ?> ledger) {
      return tree("payments", ChildSpec.worker("ledger", ledger));
    }
  }

  @Test
  void anEmptyContextHasNoApplications() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(OtpAutoConfiguration.class, TreeAutoConfiguration.class))
        .run(
            context ->
                assertThat(context.getBean(ApplicationController.class).applications()).isEmpty());
  }
}
