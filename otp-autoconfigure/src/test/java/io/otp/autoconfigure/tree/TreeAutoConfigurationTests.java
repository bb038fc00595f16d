package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.application.ApplicationController;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class TreeAutoConfigurationTests {

  private final ApplicationContextRunner contextRunner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(OtpAutoConfiguration.class, TreeAutoConfiguration.class))
          .withUserConfiguration(Servers.class);

  @Configuration(proxyBeanMethods = false)
  static class Servers {
    @Bean
    Ledger ledger() {
      return new Ledger();
    }

    @Bean
    Room room() {
      return new Room();
    }
  }

  /** Injects by generic type. */
  record Client(
      ServerRef<Ledger.Message> ledger, DynamicSupervisor<Room.Settings, Room.Message> rooms) {}

  @Configuration(proxyBeanMethods = false)
  static class Clients {
    @Bean
    Client client(
        ServerRef<Ledger.Message> ledger, DynamicSupervisor<Room.Settings, Room.Message> rooms) {
      return new Client(ledger, rooms);
    }
  }

  @Test
  void startsTheTreeOfTheConfiguration() {
    contextRunner
        .withPropertyValues(
            "otp.supervisors.payments.strategy=rest-for-one",
            "otp.supervisors.payments.intensity=3",
            "otp.supervisors.payments.period=10s",
            "otp.supervisors.payments.children[0].id=ledger",
            "otp.supervisors.payments.children[0].server=ledger",
            "otp.supervisors.payments.children[1].id=room",
            "otp.supervisors.payments.children[1].dynamic.server=room")
        .withUserConfiguration(Clients.class)
        .run(
            context -> {
              Client client = context.getBean(Client.class);
              client.ledger().cast(new Ledger.Deposit("joe", 500));
              assertThat(client.ledger().call(new Ledger.Balance("joe"))).isEqualTo(500L);
              var lobby = client.rooms().getOrStart("lobby", new Room.Settings("talk", 3));
              assertThat(lobby.call(new Room.Topic())).isEqualTo("talk");
              assertThat(context.getBean(ProcessRuntime.class).whereis("room:lobby")).isPresent();
              var info =
                  Supervisor.of(context.getBean(ProcessRuntime.class), "payments")
                      .describe(10, ProcessRuntime.CALL_TIMEOUT);
              assertThat(info.strategy()).isEqualTo(Strategy.REST_FOR_ONE);
              assertThat(info.intensity()).isEqualTo(3);
              assertThat(info.children()).hasSize(2);
            });
  }

  @Test
  void aCrashedServerComesBackAndItsReferenceGoesOnWorking() {
    contextRunner
        .withPropertyValues(
            "otp.supervisors.payments.children[0].id=ledger",
            "otp.supervisors.payments.children[0].server=ledger")
        .run(
            context -> {
              @SuppressWarnings("unchecked")
              ServerRef<Ledger.Message> ledger = context.getBean(ServerRef.class);
              Pid before = ledger.whereis().orElseThrow();
              ledger.cast(new Ledger.Deposit("joe", 500));
              ledger.cast(new Ledger.Crash());
              await()
                  .atMost(30, TimeUnit.SECONDS)
                  .until(() -> ledger.whereis().filter(pid -> !pid.equals(before)).isPresent());
              assertThat(ledger.call(new Ledger.Balance("joe"))).isZero();
            });
  }

  @Test
  void bindsStartArguments() {
    contextRunner
        .withPropertyValues(
            "otp.supervisors.chat.children[0].id=lobby",
            "otp.supervisors.chat.children[0].server=room",
            "otp.supervisors.chat.children[0].args.topic=talk",
            "otp.supervisors.chat.children[0].args.seats=4")
        .run(
            context -> {
              @SuppressWarnings("unchecked")
              ServerRef<Room.Message> lobby = context.getBean("serverRef.lobby", ServerRef.class);
              assertThat(lobby.call(new Room.Topic())).isEqualTo("talk");
            });
  }

  @Configuration(proxyBeanMethods = false)
  static class TwoLedgers {
    @Bean
    Pair pair(
        @Qualifier("first") ServerRef<Ledger.Message> first,
        @Qualifier("second") ServerRef<Ledger.Message> second) {
      return new Pair(first, second);
    }
  }

  record Pair(ServerRef<Ledger.Message> first, ServerRef<Ledger.Message> second) {}

  @Test
  void qualifiesReferencesByNameWhereThereAreSeveral() {
    contextRunner
        .withPropertyValues(
            "otp.supervisors.a.children[0].id=first",
            "otp.supervisors.a.children[0].server=ledger",
            "otp.supervisors.a.children[1].id=b",
            "otp.supervisors.a.children[1].name=second",
            "otp.supervisors.a.children[1].server=ledger")
        .withUserConfiguration(TwoLedgers.class)
        .run(
            context -> {
              Pair pair = context.getBean(Pair.class);
              pair.first().cast(new Ledger.Deposit("joe", 1));
              assertThat(pair.first().call(new Ledger.Balance("joe"))).isEqualTo(1L);
              assertThat(pair.second().call(new Ledger.Balance("joe"))).isZero();
            });
  }

  @Configuration(proxyBeanMethods = false)
  static class SpecBean {
    @Bean
    SupervisorSpec payments(Ledger ledger) {
      return SupervisorSpec.of(
          "payments", Strategy.ONE_FOR_ONE, ChildSpec.worker("ledger", ledger));
    }
  }

  @Test
  void startsTheTreeOfABean() {
    contextRunner
        .withUserConfiguration(SpecBean.class)
        .run(
            context -> {
              @SuppressWarnings("unchecked")
              ServerRef<Ledger.Message> ledger =
                  context.getBean("serverRef.ledger", ServerRef.class);
              assertThat(ledger.call(new Ledger.Balance("joe"))).isZero();
            });
  }

  @Test
  void refusesAnUnknownBean() {
    contextRunner
        .withPropertyValues(
            "otp.supervisors.payments.children[0].id=ledger",
            "otp.supervisors.payments.children[0].server=ledgr")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasMessageContaining(
                        "Child 'ledger' refers to server 'ledgr', which is not a GenServer or"
                            + " StateMachine bean. Did you mean 'ledger'? Known: ledger, room. Fix"
                            + " otp.supervisors.payments.children[0].server"));
  }

  @Test
  void refusesAnUnknownKey() {
    contextRunner
        .withPropertyValues("otp.supervisors.payments.strategi=one-for-all")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasMessageContaining(
                        "'strategi' is not a property of a supervisor. Did you mean 'strategy'?"
                            + " Known: auto-shutdown, children, context, intensity, period,"
                            + " strategy. Fix otp.supervisors.payments.strategi"
                            + " (\"otp.supervisors.payments.strategi\" from property source"
                            + " \"test\")."));
  }

  @Test
  void leavesKeysOfOthersAlone() {
    contextRunner
        .withPropertyValues("otp.secret-length=6")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void refusesANameThatIsUsedTwice() {
    contextRunner
        .withPropertyValues(
            "otp.supervisors.a.children[0].id=ledger",
            "otp.supervisors.a.children[0].server=ledger",
            "otp.supervisors.b.children[0].id=ledger",
            "otp.supervisors.b.children[0].server=ledger")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasMessageContaining(
                        "The name 'ledger' is used twice, by otp.supervisors.a.children[0] and"
                            + " otp.supervisors.b.children[0]"));
  }

  @Test
  void refusesACircleOfDependencies() {
    contextRunner
        .withPropertyValues(
            "otp.applications.a.depends-on=b",
            "otp.applications.a.supervisor.intensity=1",
            "otp.applications.b.depends-on=a",
            "otp.applications.b.supervisor.intensity=1")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasMessageContaining("depend on each other in a circle: a → b → a."));
  }

  @Test
  void theLifecycleStopsAndStartsAgain() {
    contextRunner
        .withPropertyValues(
            "otp.supervisors.payments.children[0].id=ledger",
            "otp.supervisors.payments.children[0].server=ledger")
        .run(
            context -> {
              @SuppressWarnings("unchecked")
              ServerRef<Ledger.Message> ledger = context.getBean(ServerRef.class);
              ApplicationLifecycle lifecycle = context.getBean(ApplicationLifecycle.class);
              lifecycle.stop();
              assertThat(ledger.whereis()).isEmpty();
              lifecycle.start();
              assertThat(ledger.call(new Ledger.Balance("joe"))).isZero();
            });
  }

  @Test
  void thePermanentApplicationThatGivesUpEndsTheNode() throws Exception {
    var exited = new CountDownLatch(1);
    contextRunner
        .withBean(NodeExit.class, () -> (application, reason) -> exited.countDown())
        .withPropertyValues(
            "otp.supervisors.payments.intensity=0",
            "otp.supervisors.payments.children[0].id=ledger",
            "otp.supervisors.payments.children[0].server=ledger")
        .run(
            context -> {
              @SuppressWarnings("unchecked")
              ServerRef<Ledger.Message> ledger = context.getBean(ServerRef.class);
              ledger.cast(new Ledger.Crash());
              assertThat(exited.await(30, TimeUnit.SECONDS)).isTrue();
              assertThat(context.getBean(ApplicationController.class).applications())
                  .singleElement()
                  .satisfies(status -> assertThat(status.ended()).isEqualTo(ExitReason.SHUTDOWN));
            });
  }
}
