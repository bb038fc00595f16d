package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.application.Application;
import io.otp.application.ApplicationController;
import io.otp.application.ApplicationInfo;
import io.otp.application.ApplicationSpec;
import io.otp.application.ApplicationStart;
import io.otp.application.ApplicationType;
import io.otp.application.ConfigChange;
import io.otp.application.StartPhase;
import io.otp.application.StartType;
import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.process.ExitReason;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** What an application has besides its tree: code, environment, phases, others that it includes. */
class ApplicationBeanTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(OtpAutoConfiguration.class, TreeAutoConfiguration.class));

  /** The module of a tree that configuration declares. */
  static final class Shop implements Application<SupervisorSpec, String> {
    final List<String> events = new CopyOnWriteArrayList<>();

    @Override
    public ApplicationStart<String> start(StartType type, SupervisorSpec tree, Self<Object> self) {
      events.add(
          "start in "
              + ApplicationController.of(self.runtime()).getEnv("currency").orElse("nothing"));
      return ApplicationStart.of(Supervisor.startLink(self, tree), tree.name());
    }

    @Override
    public void startPhase(String phase, StartType type, @Nullable Object args, Self<Object> self) {
      events.add(phase);
      if (phase.equals("fail")) {
        throw new ProcessExit(ExitReason.other("boom"));
      }
    }

    @Override
    public void configChange(ConfigChange change, String name, Self<Object> self) {
      events.add(change.toString());
    }

    @Override
    public void stop(String name, Self<Object> self) {
      events.add("stop");
    }
  }

  private static ApplicationInfo info(ApplicationController applications, String name) {
    return applications.info(name).orElseThrow();
  }

  private void refuses(ApplicationContextRunner wrong, String text) {
    wrong.run(context -> assertThat(context).getFailure().rootCause().hasMessage(text));
  }

  private static String fix(String key) {
    return "Fix " + key + " (\"" + key + "\" from property source \"test\").";
  }

  // --- in configuration

  @Test
  void codeOfAnApplicationGetsTheTreeAndRunsItsPhases() {
    runner
        .withPropertyValues(
            "otp.applications.shop.module=shop",
            "otp.applications.shop.description=Sells",
            "otp.applications.shop.version=1.2",
            "otp.applications.shop.start-phases=warm-up,open",
            "otp.applications.shop.environment.currency=EUR",
            "otp.applications.shop.supervisor.intensity=2")
        .withBean("shop", Shop.class)
        .run(
            context -> {
              var applications = context.getBean(ApplicationController.class);
              ApplicationInfo shop = info(applications, "shop");
              assertThat(shop.running()).isTrue();
              assertThat(shop.type()).isEqualTo(ApplicationType.PERMANENT);
              assertThat(shop.spec().description()).isEqualTo("Sells");
              assertThat(shop.spec().version()).isEqualTo("1.2");
              var code = context.getBean("shop", Shop.class);
              assertThat(code.events).containsExactly("start in EUR", "warm-up", "open");
              context.getSourceApplicationContext().stop();
              assertThat(code.events).endsWith("stop");
            });
  }

  @Test
  void runningTreeIsToldOfANewConfiguration() {
    var values =
        new java.util.concurrent.ConcurrentHashMap<String, Object>(
            Map.of(
                "otp.applications.shop.module", "shop",
                "otp.applications.shop.supervisor.intensity", "2",
                "otp.applications.shop.environment.currency", "EUR",
                "otp.applications.shop.environment.tills[0]", "left",
                "otp.applications.shop.environment.tills[1]", "right"));
    runner
        .withInitializer(
            context -> {
              ConfigurableEnvironment environment = context.getEnvironment();
              environment.getPropertySources().addFirst(new MapPropertySource("values", values));
            })
        .withBean("shop", Shop.class)
        .run(
            context -> {
              var applications = context.getBean(ApplicationController.class);
              var environment = context.getBean(ApplicationEnvironment.class);
              assertThat(applications.getAllEnv("shop"))
                  .isEqualTo(Map.of("currency", "EUR", "tills", List.of("left", "right")));
              var code = context.getBean("shop", Shop.class);
              assertThat(environment.configChange()).isEmpty();
              assertThat(code.events).containsExactly("start in EUR");
              values.put("otp.applications.shop.environment.currency", "NOK");
              assertThat(environment.configChange()).isEmpty();
              assertThat(code.events)
                  .endsWith(
                      new ConfigChange(Map.of("currency", "NOK"), Map.of(), Set.of()).toString());
            });
  }

  @Test
  void includedTreeIsTheLastChildAndNoApplicationOfItsOwn() {
    runner
        .withPropertyValues(
            "otp.applications.shop.includes=stock",
            "otp.applications.shop.supervisor.intensity=2",
            "otp.applications.stock.supervisor.intensity=2",
            "otp.applications.mail.optional-depends-on=shop,nobody",
            "otp.applications.mail.supervisor.intensity=2")
        .run(
            context -> {
              var applications = context.getBean(ApplicationController.class);
              assertThat(applications.whichApplications()).containsExactly("shop", "mail");
              assertThat(info(applications, "stock").status())
                  .isEqualTo(ApplicationInfo.Status.LOADED);
              var runtime = context.getBean(ProcessRuntime.class);
              assertThat(Supervisor.of(runtime, "shop").whichChildren())
                  .singleElement()
                  .satisfies(child -> assertThat(child.id()).isEqualTo("stock"));
              assertThat(applications.applicationOf(runtime.whereis("stock").orElseThrow()))
                  .contains("shop");
            });
  }

  @Test
  void refusesWhatCannotBeIncluded() {
    refuses(
        runner.withPropertyValues(
            "otp.applications.a.includes=stok",
            "otp.applications.a.supervisor.intensity=1",
            "otp.applications.stock.supervisor.intensity=1"),
        "Application 'a' includes 'stok', which configuration does not declare. Did you mean"
            + " 'stock'? Known: stock. "
            + fix("otp.applications.a.includes"));
    refuses(
        runner.withPropertyValues(
            "otp.applications.a.includes=c",
            "otp.applications.a.supervisor.intensity=1",
            "otp.applications.b.includes=c",
            "otp.applications.b.supervisor.intensity=1",
            "otp.applications.c.supervisor.intensity=1"),
        "Application 'c' is included by 'a' and 'b'. Let both depend on it instead. "
            + fix("otp.applications.b.includes"));
    refuses(
        runner.withPropertyValues(
            "otp.applications.a.includes=b",
            "otp.applications.a.supervisor.intensity=1",
            "otp.applications.b.includes=a",
            "otp.applications.b.supervisor.intensity=1"),
        "Application 'a' includes itself. " + fix("otp.applications.b.includes"));
    refuses(
        runner.withPropertyValues(
            "otp.applications.a.includes=b",
            "otp.applications.a.supervisor.intensity=1",
            "otp.applications.b.supervisor.intensity=1",
            "otp.applications.c.depends-on=b",
            "otp.applications.c.supervisor.intensity=1"),
        "Application 'c' depends on 'b', which 'a' includes, so that it does not run by itself."
            + " Depend on 'a'. "
            + fix("otp.applications.c.depends-on"));
  }

  @Test
  void refusesAModuleThatIsNone() {
    refuses(
        runner
            .withBean("shop", Shop.class)
            .withPropertyValues(
                "otp.applications.a.module=shp", "otp.applications.a.supervisor.intensity=1"),
        "Application 'a' has module 'shp', which is no bean that implements"
            + " Application<SupervisorSpec, …>. Did you mean 'shop'? Known: shop. "
            + fix("otp.applications.a.module"));
  }

  @Test
  void failedPhaseStopsTheStartWithWhatFailed() {
    runner
        .withBean("shop", Shop.class)
        .withPropertyValues(
            "otp.applications.a.module=shop",
            "otp.applications.a.start-phases=fail",
            "otp.applications.a.supervisor.intensity=1")
        .run(
            context -> {
              Throwable failure = context.getStartupFailure();
              assertThat(failure)
                  .isNotNull()
                  .rootCause()
                  .isInstanceOf(ApplicationStartException.class);
              var analysis = new ApplicationStartFailureAnalyzer().analyze(failure);
              assertThat(analysis.getDescription())
                  .isEqualTo(
                      "Application 'a' did not start: a failed in Shop.startPhase(fail) with boom."
                          + " What had been started before it was stopped.");
            });
  }

  // --- as a bean

  @Configuration(proxyBeanMethods = false)
  static class Beans {
    @Bean
    Shop shop() {
      return new Shop();
    }

    @Bean
    ApplicationSpec till(Shop code) {
      return ApplicationSpec.of("till")
          .withApplications("ledger")
          .withEnvironment(Map.of("currency", "EUR", "size", 3))
          .withStartPhases(StartPhase.of("open"))
          .withModule(code, SupervisorSpec.of("till-tree", Strategy.ONE_FOR_ONE));
    }
  }

  @Test
  void beanIsAnApplicationOfWhichConfigurationSaysTypeAndEnvironment() {
    runner
        .withUserConfiguration(Beans.class)
        .withPropertyValues(
            "otp.applications.till.type=temporary",
            "otp.applications.till.environment.currency=NOK",
            "otp.supervisors.ledger.intensity=1")
        .run(
            context -> {
              var applications = context.getBean(ApplicationController.class);
              assertThat(applications.whichApplications()).containsExactly("ledger", "till");
              assertThat(info(applications, "till").type()).isEqualTo(ApplicationType.TEMPORARY);
              assertThat(applications.getAllEnv("till"))
                  .isEqualTo(Map.of("currency", "NOK", "size", 3));
              assertThat(context.getBean(Shop.class).events)
                  .containsExactly("start in NOK", "open");
            });
  }

  @Test
  void refusesWhatABeanCannotBe() {
    ApplicationContextRunner beans = runner.withUserConfiguration(Beans.class);
    refuses(
        beans.withPropertyValues("otp.applications.till.type=temporary"),
        "Application 'till' depends on 'ledger', which is not declared. There is no other. Fix"
            + " ApplicationSpec bean 'till'.");
    ApplicationContextRunner complete =
        beans.withPropertyValues("otp.supervisors.ledger.intensity=1");
    refuses(
        complete.withPropertyValues("otp.applications.til.type=temporary"),
        "Application 'til' has no supervisor and is no ApplicationSpec bean. Did you mean 'till'?"
            + " Beans: till. "
            + "Fix otp.applications.til (\"otp.applications.til.type\" from property source"
            + " \"test\").");
    refuses(
        complete.withPropertyValues("otp.applications.till.version=2"),
        "'version' is not a property of an application without supervisor, which must be an"
            + " ApplicationSpec bean. Known: environment, type. "
            + fix("otp.applications.till.version"));
    refuses(
        complete.withPropertyValues("otp.applications.till.supervisor.intensity=2"),
        "There are two applications 'till': otp.applications.till and ApplicationSpec bean 'till'."
            + " Give one of them another name.");
  }
}
