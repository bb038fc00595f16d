package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.autoconfigure.context.BeanChild;
import io.otp.autoconfigure.context.ContextAutoConfiguration;
import io.otp.autoconfigure.context.SupervisorConfiguration;
import io.otp.autoconfigure.context.SupervisorContext;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What somebody sees whose application does not start because of a context. */
@ExtendWith(OutputCaptureExtension.class)
class ContextStartFailureTests {

  private static final String TEST = ContextStartFailureTests.class.getName();
  private static final String SHOP = TEST + "$Shop";
  private static final String KEY = "otp.supervisors.payments.context.configuration";
  private static final String CHILD = "otp.supervisors.payments.children[0]";

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({
    OtpAutoConfiguration.class,
    ContextAutoConfiguration.class,
    TreeAutoConfiguration.class
  })
  static class Application {}

  /** So that candidates are looked for in a package that has one. */
  @AutoConfigurationPackage(basePackageClasses = ContextStartFailureTests.class)
  static class Packages {}

  @SupervisorConfiguration(proxyBeanMethods = false)
  static class Shop {
    @Bean
    Ledger ledger() {
      return new Ledger();
    }
  }

  static class NoConfiguration {}

  @Configuration(proxyBeanMethods = false)
  static class Plain {}

  private static String origin(String key) {
    return "\"" + key + "\" from property source \"test\"";
  }

  private static void fails(
      CapturedOutput output,
      Class<?>[] more,
      String description,
      String action,
      String... properties) {
    Class<?>[] sources =
        Stream.concat(Stream.of(Application.class), Stream.of(more)).toArray(Class[]::new);
    assertThatException().isThrownBy(() -> TestApplication.of(sources, properties).run().close());
    String text = output.getAll();
    String report = text.substring(text.lastIndexOf("APPLICATION FAILED TO START"));
    assertThat(report.lines().skip(2).toList())
        .as(report)
        .containsSequence("Description:", "", description, "", "Action:", "", action);
  }

  @Test
  void anUnknownClass(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {Packages.class},
        KEY
            + " names class '"
            + TEST
            + "$Shpo', which cannot be loaded: java.lang.ClassNotFoundException: "
            + TEST
            + "$Shpo.",
        "Did you mean '"
            + SHOP
            + "'? Known: "
            + TEST
            + "$Broken, "
            + SHOP
            + ". Fix "
            + KEY
            + " ("
            + origin(KEY)
            + ").",
        KEY + "=" + TEST + "$Shpo");
  }

  @Test
  void aClassThatIsNoConfiguration(CapturedOutput output) {
    fails(
        output,
        new Class<?>[0],
        "Class "
            + NoConfiguration.class.getName()
            + ", named for the context of supervisor 'payments', is no configuration class.",
        "Annotate it with @SupervisorConfiguration. Fix " + KEY + " (" + origin(KEY) + ").",
        KEY + "=" + NoConfiguration.class.getName());
  }

  @Test
  void aClassThatTheRootHasToo(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {Plain.class},
        "Class "
            + Plain.class.getName()
            + " is the configuration of the context of supervisor 'payments', but the root has it"
            + " too, as bean 'contextStartFailureTests.Plain', so that its beans would exist"
            + " twice.",
        "Annotate it with @SupervisorConfiguration instead of @Configuration, which keeps it out of"
            + " the root, or fix "
            + KEY
            + " ("
            + origin(KEY)
            + ").",
        KEY + "=" + Plain.class.getName());
  }

  @Test
  void aBeanThatTheContextHasNot(CapturedOutput output) {
    fails(
        output,
        new Class<?>[0],
        "Child 'ledger' refers to server 'ledgr', which is not a GenServer or StateMachine bean of"
            + " its context (Shop) or of one around it.",
        "Did you mean 'ledger'? Known: ledger. Fix "
            + CHILD
            + ".server ("
            + origin(CHILD + ".server")
            + ").",
        KEY + "=" + SHOP,
        CHILD + ".id=ledger",
        CHILD + ".server=ledgr");
  }

  @Test
  void aBeanOfAContextOutsideOfIt(CapturedOutput output) {
    fails(
        output,
        new Class<?>[0],
        "Child 'ledger' refers to server 'ledger', which is not a GenServer or StateMachine bean.",
        "There is no GenServer or StateMachine bean; declare one. Fix "
            + CHILD
            + ".server ("
            + origin(CHILD + ".server")
            + ").",
        "otp.supervisors.shop.context.configuration=" + SHOP,
        CHILD + ".id=ledger",
        CHILD + ".server=ledger");
  }

  @Test
  void anUnknownKey(CapturedOutput output) {
    fails(
        output,
        new Class<?>[0],
        "'configurations' is not a property of a context.",
        "Did you mean 'configuration'? Known: configuration. Fix"
            + " otp.supervisors.payments.context.configurations ("
            + origin("otp.supervisors.payments.context.configurations")
            + ").",
        "otp.supervisors.payments.context.configurations=" + SHOP);
  }

  /** Misses a bean. */
  @SupervisorConfiguration(proxyBeanMethods = false)
  static class Broken {
    @Bean
    StringBuilder text(Thread missing) {
      return new StringBuilder(missing.getName());
    }
  }

  @Test
  void aContextThatCannotBeRefreshed(CapturedOutput output) {
    fails(
        output,
        new Class<?>[0],
        "Application 'payments' did not start: the context of supervisor 'payments' could not be"
            + " opened. Parameter 0 of method text in "
            + Broken.class.getName()
            + " required a bean of type 'java.lang.Thread' that could not be found.",
        "Consider defining a bean of type 'java.lang.Thread' in your configuration. The context is"
            + " declared by "
            + KEY
            + " ("
            + origin(KEY)
            + ").",
        KEY + "=" + Broken.class.getName());
  }

  // --- trees that are beans

  @Configuration(proxyBeanMethods = false)
  static class WithoutContext {
    @Bean
    SupervisorSpec payments() {
      return SupervisorSpec.of("payments", Strategy.ONE_FOR_ONE, BeanChild.worker("ledger"));
    }
  }

  @Test
  void aNameWithoutAContext(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {WithoutContext.class},
        "Child 'ledger' of supervisor 'payments' refers to bean 'ledger' by its name, but neither"
            + " that supervisor nor one above it has a context.",
        "Put @SupervisorContext on the method that makes SupervisorSpec bean 'payments', or use"
            + " ChildSpec.worker with the bean itself.");
  }

  @Configuration(proxyBeanMethods = false)
  static class WithUnknownSupervisor {
    @Bean
    @SupervisorContext(value = Shop.class, supervisor = "payment")
    SupervisorSpec payments() {
      return SupervisorSpec.of("payments", Strategy.ONE_FOR_ONE);
    }
  }

  @Test
  void aSupervisorThatTheTreeHasNot(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {WithUnknownSupervisor.class},
        "@SupervisorContext of SupervisorSpec bean 'payments' is for supervisor 'payment', which is"
            + " not in that tree.",
        "Did you mean 'payments'? Known: payments.");
  }

  @Configuration(proxyBeanMethods = false)
  static class WithUnknownBean {
    @Bean
    @SupervisorContext(Shop.class)
    SupervisorSpec payments() {
      return SupervisorSpec.of("payments", Strategy.ONE_FOR_ONE, BeanChild.worker("ledgr"));
    }
  }

  @Test
  void aBeanThatTheContextOfASpecHasNot(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {WithUnknownBean.class},
        "Application 'payments' did not start: the context of supervisor 'payments' could not be"
            + " opened. Child 'ledgr' refers to server 'ledgr', which is not a GenServer or"
            + " StateMachine bean.",
        "Did you mean 'ledger'? Known: ledger. Fix its BeanChild."
            + " The context is declared by @SupervisorContext of SupervisorSpec bean"
            + " 'payments'.");
  }
}
