package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.event.EventHandler;
import io.otp.event.EventManager;
import io.otp.event.EventManagerRef;
import io.otp.event.Handled;
import io.otp.event.HandlerId;
import io.otp.event.HandlerSpec;
import io.otp.process.Call;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.NoArgs;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Event managers as children of supervisors in the configuration. */
class EventChildTests {

  private static final String CHILD = "otp.supervisors.shop.children[0].";

  record Sale(long cents) {}

  record Visit(String who) {}

  record Total() implements Call<Tally, Long> {}

  /** Adds up, from what it is given to begin with. */
  static class Tally implements EventHandler<Long, Sale, Long> {
    @Override
    public Long init(Long start, Self<Object> self) {
      return start;
    }

    @Override
    public Handled<Long> handleEvent(Sale sale, Long cents, Self<Object> self) {
      return Handled.ok(cents + sale.cents());
    }

    @Override
    public Handled<Long> handleCall(Call<?, ?> query, Long cents, Self<Object> self) {
      return Handled.reply((Total) query, cents, cents);
    }
  }

  /** Takes no arguments and any event. */
  static final class Silent implements EventHandler<NoArgs, Object, NoArgs> {
    @Override
    public NoArgs init(NoArgs args, Self<Object> self) {
      return args;
    }

    @Override
    public Handled<NoArgs> handleEvent(Object event, NoArgs state, Self<Object> self) {
      return Handled.ok(state);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Shop {
    @Bean
    EventManager<Sale> sales() {
      return EventManager.unnamed();
    }

    @Bean
    EventManager<Visit> visits() {
      return EventManager.named("visits");
    }

    @Bean
    HandlerSpec<Sale> tally(Tally tallyHandler) {
      return HandlerSpec.of(tallyHandler, 100L);
    }

    /** Takes arguments, so it can only be named by a spec. */
    @Bean
    Tally tallyHandler() {
      return new Tally();
    }

    @Bean
    Silent silent() {
      return new Silent();
    }
  }

  /** Injects by the type of events. */
  record Client(EventManagerRef<Sale> sales) {}

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(OtpAutoConfiguration.class, TreeAutoConfiguration.class))
          .withUserConfiguration(Shop.class)
          .withPropertyValues(
              CHILD + "id=sales",
              CHILD + "events=sales",
              CHILD + "handlers=tally, silent",
              CHILD + "shutdown=2s");

  private static long total(EventManagerRef<?> sales) {
    return sales.call(HandlerId.of(Tally.class), new Total()).orElseThrow();
  }

  @Test
  void aManagerIsStartedWithItsHandlersAndInjected() {
    runner
        .withUserConfiguration(Client.class)
        .run(
            context -> {
              EventManagerRef<Sale> sales = context.getBean(Client.class).sales();
              assertThat(sales.whereis())
                  .isPresent()
                  .isEqualTo(context.getBean(ProcessRuntime.class).whereis("sales"));
              // Who was added last comes first.
              assertThat(sales.whichHandlers())
                  .containsExactly(HandlerId.of(Silent.class), HandlerId.of(Tally.class));
              sales.notify(new Sale(20));
              assertThat(total(sales)).isEqualTo(120);
            });
  }

  @Test
  void whatItBeginsWithComesAgainWhenItIsRestarted() {
    runner
        .withUserConfiguration(Client.class)
        .run(
            context -> {
              ProcessRuntime runtime = context.getBean(ProcessRuntime.class);
              EventManagerRef<Sale> sales = context.getBean(Client.class).sales();
              sales.syncNotify(new Sale(20));
              Pid killed = sales.whereis().orElseThrow();
              runtime.exit(killed, ExitReason.KILL);
              await()
                  .atMost(30, TimeUnit.SECONDS)
                  .until(() -> sales.whereis().filter(pid -> !pid.equals(killed)).isPresent());
              assertThat(total(sales)).isEqualTo(100);
            });
  }

  record TwoClient(
      @Qualifier("sales") EventManagerRef<Sale> first,
      @Qualifier("online-sales") EventManagerRef<Sale> second) {}

  @Test
  void ofSeveralOneIsChosenByItsName() {
    runner
        .withUserConfiguration(TwoClient.class)
        .withPropertyValues(
            "otp.supervisors.shop.children[1].id=online",
            "otp.supervisors.shop.children[1].events=sales",
            "otp.supervisors.shop.children[1].name=online-sales",
            "otp.supervisors.shop.children[1].handlers[0]=tally")
        .run(
            context -> {
              TwoClient client = context.getBean(TwoClient.class);
              client.second().syncNotify(new Sale(5));
              assertThat(total(client.first())).isEqualTo(100);
              assertThat(total(client.second())).isEqualTo(105);
            });
  }

  @Test
  void aManagerThatHasTheNameOfItsChildMayKeepIt() {
    runner
        .withPropertyValues(CHILD + "id=visits", CHILD + "events=visits", CHILD + "handlers=silent")
        .run(
            context ->
                assertThat(context.getBean(ProcessRuntime.class).whereis("visits")).isPresent());
  }

  // --- what is wrong

  private void fails(String description, String action, String... properties) {
    runner
        .withPropertyValues(properties)
        .run(
            context -> {
              assertThat(context).hasFailed();
              FailureAnalysis analysis =
                  new TreeFailureAnalyzer().analyze(context.getStartupFailure());
              assertThat(analysis).as("%s", context.getStartupFailure()).isNotNull();
              assertThat(analysis.getDescription()).isEqualTo(description);
              assertThat(analysis.getAction().replaceAll(" \\(\"[^)]*\\)", "")).isEqualTo(action);
            });
  }

  @Test
  void anUnknownManager() {
    fails(
        "Child 'sales' refers to event manager 'slaes', which is no EventManager bean.",
        "Did you mean 'sales'? Known: sales, visits. Fix otp.supervisors.shop.children[0].events.",
        CHILD + "events=slaes");
  }

  @Test
  void aBeanThatIsNoManager() {
    fails(
        "Child 'sales' refers to event manager 'silent', which is a "
            + Silent.class.getName()
            + " and no EventManager bean.",
        "Known: sales, visits. Fix otp.supervisors.shop.children[0].events.",
        CHILD + "events=silent");
  }

  @Test
  void anUnknownHandler() {
    fails(
        "Child 'sales' begins with handler 'taly', which is no HandlerSpec bean and no"
            + " EventHandler bean without arguments.",
        "Did you mean 'tally'? Known: silent, tally. Fix"
            + " otp.supervisors.shop.children[0].handlers.",
        CHILD + "handlers=silent,taly");
  }

  @Test
  void aHandlerThatTakesArgumentsNeedsASpec() {
    fails(
        "Child 'sales' begins with handler 'tallyHandler', which is a "
            + Tally.class.getName()
            + " and no HandlerSpec bean and no EventHandler bean without arguments.",
        "Known: silent, tally. Fix otp.supervisors.shop.children[0].handlers.",
        CHILD + "handlers=tallyHandler");
  }

  @Test
  void aHandlerForOtherEvents() {
    fails(
        "Handler 'tally' of child 'visits' handles events of type "
            + Sale.class.getName()
            + ", but the events of 'visits' are "
            + Visit.class.getName()
            + ".",
        "Name a handler for "
            + Visit.class.getName()
            + " or a type above it, or another event manager. Fix"
            + " otp.supervisors.shop.children[0].handlers.",
        CHILD + "id=visits",
        CHILD + "events=visits",
        CHILD + "handlers=tally");
  }

  @Test
  void aManagerWithAnotherNameThanItsChild() {
    fails(
        "Event manager bean 'visits' is named 'visits', but child 'guests' registers it as"
            + " 'guests'.",
        "Make it with EventManager.unnamed(), so that it gets the name of the child, or set"
            + " otp.supervisors.shop.children[0].name to 'visits'.",
        CHILD + "id=guests",
        CHILD + "events=visits",
        CHILD + "handlers=silent");
  }

  @Test
  void aPropertyThatOnlyServersHave() {
    fails(
        "'args' is not a property of a child that is an event manager.",
        "Known: events, handlers, id, name, restart, shutdown, significant. Fix"
            + " otp.supervisors.shop.children[0].args.",
        CHILD + "args=1");
  }

  record VisitsClient(EventManagerRef<Visit> visits) {}

  @Test
  void aManagerThatIsInNoTree() {
    var factory = new AtomicReference<BeanFactory>();
    runner
        .withInitializer(context -> factory.set(context.getBeanFactory()))
        .withUserConfiguration(VisitsClient.class)
        .run(
            context -> {
              FailureAnalysis analysis =
                  new MissingRefFailureAnalyzer(factory.get()).analyze(context.getStartupFailure());
              assertThat(analysis).as("%s", context.getStartupFailure()).isNotNull();
              assertThat(analysis.getDescription())
                  .endsWith(
                      " required an EventManagerRef<EventChildTests.Visit>, but no tree has an"
                          + " event manager for these events.");
              assertThat(analysis.getAction())
                  .isEqualTo(
                      "Bean 'visits' is such a manager. Add it to the children of a supervisor in"
                          + " otp.supervisors: {id: visits, events: visits}.");
            });
  }
}
