package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.otp.application.ApplicationType;
import io.otp.supervisor.AutoShutdown;
import io.otp.supervisor.Heartbeat;
import io.otp.supervisor.Restart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.Strategy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

/** What is read from files, profiles and the environment, before any bean exists. */
class TreeBindingTests {

  private static final String PAYMENTS =
      """
      otp:
        supervisors:
          payments:
            strategy: rest-for-one
            intensity: 3
            period: 10s
            auto-shutdown: any-significant
            children:
              - id: ledger
                server: ledger
              - {id: gateway, server: gateway, name: payment-gateway, restart: transient, shutdown: 30s, significant: true}
              - id: audit
                supervisor:
                  strategy: one-for-all
                  children: [{id: log, server: auditLog, shutdown: brutal-kill}]
              - id: room
                dynamic: {server: room, max-children: 10, restart: transient, shutdown: infinity}
      """;

  private final ConfigurableEnvironment environment = new StandardEnvironment();
  private final Map<String, Object> variables = new LinkedHashMap<>();

  TreeBindingTests() {
    environment
        .getPropertySources()
        .forEach(source -> environment.getPropertySources().remove(source.getName()));
  }

  /** Adds a file below those that were added before. */
  private TreeBindingTests file(String name, String yaml) {
    try {
      new YamlPropertySourceLoader()
          .load(name, new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8), name))
          .forEach(environment.getPropertySources()::addLast);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return this;
  }

  private TreeBindingTests variable(String name, String value) {
    variables.put(name, value);
    environment
        .getPropertySources()
        .addFirst(new SystemEnvironmentPropertySource("systemEnvironment", variables));
    return this;
  }

  private List<TreeDefinition.Application> read() {
    return new TreeReader(environment).read();
  }

  private TreeDefinition.Tree tree() {
    return read().getFirst().supervisor();
  }

  private void refuses(String description, String action) {
    assertThatExceptionOfType(TreeConfigurationException.class)
        .isThrownBy(this::read)
        .satisfies(
            e -> {
              assertThat(e.description()).isEqualTo(description);
              assertThat(
                      e.action()
                          .replace("Byte array resource [application.yaml]", "application.yaml"))
                  .isEqualTo(action);
            });
  }

  private static TreeDefinition.Server server(TreeDefinition.Tree tree, int index) {
    return (TreeDefinition.Server) tree.children().get(index);
  }

  @Test
  void readsTheWholeGrammar() {
    TreeDefinition.Tree tree = file("application.yaml", PAYMENTS).tree();
    assertThat(tree.name()).isEqualTo("payments");
    assertThat(tree.strategy()).isEqualTo(Strategy.REST_FOR_ONE);
    assertThat(tree.intensity()).isEqualTo(3);
    assertThat(tree.period()).isEqualTo(Duration.ofSeconds(10));
    assertThat(tree.autoShutdown()).isEqualTo(AutoShutdown.ANY_SIGNIFICANT);
    assertThat(tree.children())
        .extracting(TreeDefinition.Child::id)
        .containsExactly("ledger", "gateway", "audit", "room");
    TreeDefinition.Server ledger = server(tree, 0);
    assertThat(ledger.bean()).isEqualTo("ledger");
    assertThat(ledger.name()).isEqualTo("ledger");
    assertThat(ledger.restart()).isNull();
    assertThat(ledger.shutdown()).isNull();
    TreeDefinition.Server gateway = server(tree, 1);
    assertThat(gateway.name()).isEqualTo("payment-gateway");
    assertThat(gateway.restart()).isEqualTo(Restart.TRANSIENT);
    assertThat(gateway.shutdown()).isEqualTo(new Shutdown.After(Duration.ofSeconds(30)));
    assertThat(gateway.significant()).isTrue();
    TreeDefinition.Subtree audit = (TreeDefinition.Subtree) tree.children().get(2);
    assertThat(audit.tree().name()).isEqualTo("audit");
    assertThat(audit.tree().strategy()).isEqualTo(Strategy.ONE_FOR_ALL);
    assertThat(server(audit.tree(), 0).shutdown()).isEqualTo(Shutdown.BRUTAL_KILL);
    TreeDefinition.Dynamic room = (TreeDefinition.Dynamic) tree.children().get(3);
    assertThat(room.maxChildren()).isEqualTo(10);
    assertThat(room.restart()).isEqualTo(Restart.TRANSIENT);
    assertThat(room.shutdown()).isEqualTo(Shutdown.INFINITY);
  }

  private static String watched(String watchdog) {
    return "otp.supervisors.a.children: [{id: b, server: b, watchdog: " + watchdog + "}]";
  }

  @Test
  void readsAWatchdog() {
    assertThat(server(file("application.yaml", watched("{every: 10s, timeout: 3s}")).tree(), 0))
        .extracting(TreeDefinition.Server::heartbeat)
        .isEqualTo(new Heartbeat(Duration.ofSeconds(10), Duration.ofSeconds(3)));
  }

  @Test
  void readsTheWatchdogOfADynamicChild() {
    TreeDefinition.Tree tree =
        file(
                "application.yaml",
                "otp.supervisors.a.children: [{id: b, dynamic: {server: b, watchdog: {every:"
                    + " 1s}}}]")
            .tree();
    assertThat(((TreeDefinition.Dynamic) tree.children().getFirst()).heartbeat())
        .isEqualTo(Heartbeat.every(Duration.ofSeconds(1)));
  }

  @Test
  void aWatchdogWaitsFiveSecondsByDefault() {
    assertThat(server(file("application.yaml", watched("{every: 10s}")).tree(), 0).heartbeat())
        .isEqualTo(new Heartbeat(Duration.ofSeconds(10), Duration.ofSeconds(5)));
  }

  @Test
  void aWatchdogMustSayHowOften() {
    file("application.yaml", watched("{timeout: 3s}"))
        .refuses(
            "otp.supervisors.a.children[0].watchdog does not say how often.",
            "Add otp.supervisors.a.children[0].watchdog.every, such as 10s.");
  }

  @Test
  void theTimesOfAWatchdogArePositive() {
    file("application.yaml", watched("{every: 0s}"))
        .refuses(
            "otp.supervisors.a.children[0].watchdog.every is '0s', which is not more than 0.",
            "Fix otp.supervisors.a.children[0].watchdog.every (application.yaml - 1:67).");
  }

  @Test
  void hasTheDefaultsOfOtp() {
    TreeDefinition.Tree tree =
        file("application.yaml", "otp.supervisors.a.children: [{id: b, dynamic: {server: b}}]")
            .tree();
    assertThat(tree.strategy()).isEqualTo(Strategy.ONE_FOR_ONE);
    assertThat(tree.intensity()).isEqualTo(1);
    assertThat(tree.period()).isEqualTo(Duration.ofSeconds(5));
    assertThat(tree.autoShutdown()).isEqualTo(AutoShutdown.NEVER);
    TreeDefinition.Dynamic dynamic = (TreeDefinition.Dynamic) tree.children().getFirst();
    assertThat(dynamic.restart()).isEqualTo(Restart.TEMPORARY);
  }

  @Test
  void readsApplications() {
    file(
        "application.yaml",
        """
        otp.applications:
          reporting: {type: temporary, depends-on: [payments, audit], supervisor: {intensity: 2}}
          audit: {supervisor: {intensity: 2}}
        """);
    assertThat(read())
        .extracting(TreeDefinition.Application::name)
        .containsExactly("reporting", "audit");
    assertThat(read().getFirst().type()).isEqualTo(ApplicationType.TEMPORARY);
    assertThat(read().getFirst().dependsOn()).containsExactly("payments", "audit");
    assertThat(read().getLast().type()).isEqualTo(ApplicationType.PERMANENT);
    assertThat(read().getLast().dependsOn()).isEmpty();
  }

  @Test
  void readsWhatAnApplicationMayHaveBesides() {
    file(
        "application.yaml",
        """
        otp.applications:
          shop:
            description: Sells
            version: 1.2
            optional-depends-on: mail
            includes: [stock]
            start-phases: [warm-up, open]
            max-time: 2h
            module: shopApplication
            environment: {currency: EUR}
            supervisor: {intensity: 2}
          stock: {supervisor: {intensity: 2}}
        """);
    TreeDefinition.Application shop = read().getFirst();
    assertThat(shop.description()).isEqualTo("Sells");
    assertThat(shop.version()).isEqualTo("1.2");
    assertThat(shop.optionalDependsOn()).containsExactly("mail");
    assertThat(shop.includes()).containsExactly("stock");
    assertThat(shop.startPhases()).containsExactly("warm-up", "open");
    assertThat(shop.maxTime()).hasHours(2);
    assertThat(shop.module()).isEqualTo("shopApplication");
    TreeDefinition.Application stock = read().getLast();
    assertThat(stock.maxTime()).isNull();
    assertThat(stock.module()).isNull();
    assertThat(stock.description()).isEmpty();
  }

  @Test
  void refusesNoTimeAtAllAsALongestTime() {
    file("application.yaml", "otp.applications.a: {max-time: 0s, supervisor: {intensity: 1}}")
        .refuses(
            "otp.applications.a.max-time is '0s', which is not more than 0; without it there is no"
                + " limit.",
            "Fix otp.applications.a.max-time (application.yaml - 1:32).");
  }

  @Test
  void namesMayBeWrittenInAnyWay() {
    file(
        "application.yaml",
        """
        otp.supervisors:
          paymentService: {autoShutdown: all-significant}
          audit_log: {auto_shutdown: ALL_SIGNIFICANT}
          "[with.dot]": {AUTO-SHUTDOWN: allSignificant}
        """);
    assertThat(read())
        .extracting(TreeDefinition.Application::name)
        .containsExactly("paymentService", "audit_log", "with.dot");
    assertThat(read())
        .extracting(a -> a.supervisor().autoShutdown())
        .containsOnly(AutoShutdown.ALL_SIGNIFICANT);
  }

  @Test
  void aTreeMayBeEmpty() {
    file("application.yaml", "otp.supervisors: {a: , b: {children: []}}");
    assertThat(read())
        .extracting(a -> a.supervisor().children())
        .containsExactly(List.of(), List.of());
  }

  @Test
  void placeholdersAreResolved() {
    assertThat(
            file("application.yaml", "{limit: 7, otp.supervisors.a.intensity: \"${limit}\"}")
                .tree()
                .intensity())
        .isEqualTo(7);
  }

  // --- several sources

  @Test
  void anEnvironmentVariableOverridesAValue() {
    TreeDefinition.Tree tree =
        file("application.yaml", PAYMENTS)
            .variable("OTP_SUPERVISORS_PAYMENTS_INTENSITY", "9")
            .variable("OTP_SUPERVISORS_PAYMENTS_AUTOSHUTDOWN", "never")
            .variable("OTP_SUPERVISORS_PAYMENTS_CHILDREN_1_SHUTDOWN", "1s")
            .variable("OTP_SUPERVISORS_PAYMENTS_CHILDREN_2_SUPERVISOR_CHILDREN_0_SHUTDOWN", "2s")
            .variable("OTP_SUPERVISORS_PAYMENTS_CHILDREN_3_DYNAMIC_MAX_CHILDREN", "5")
            .tree();
    assertThat(tree.intensity()).isEqualTo(9);
    assertThat(tree.strategy()).isEqualTo(Strategy.REST_FOR_ONE);
    assertThat(tree.autoShutdown()).isEqualTo(AutoShutdown.NEVER);
    assertThat(tree.children()).hasSize(4);
    assertThat(server(tree, 1).shutdown()).isEqualTo(new Shutdown.After(Duration.ofSeconds(1)));
    assertThat(server(((TreeDefinition.Subtree) tree.children().get(2)).tree(), 0).shutdown())
        .isEqualTo(new Shutdown.After(Duration.ofSeconds(2)));
    assertThat(((TreeDefinition.Dynamic) tree.children().get(3)).maxChildren()).isEqualTo(5);
  }

  @Test
  void anEnvironmentVariableMayHaveUnderscoresForDashes() {
    file("application.yaml", "otp.supervisors.my-tree.children: [{id: a, server: a}]")
        .variable("OTP_SUPERVISORS_MY_TREE_AUTO_SHUTDOWN", "any_significant")
        .variable("OTP_SUPERVISORS_MYTREE_INTENSITY", "4");
    assertThat(read()).extracting(TreeDefinition.Application::name).containsExactly("my-tree");
    assertThat(tree().autoShutdown()).isEqualTo(AutoShutdown.ANY_SIGNIFICANT);
    assertThat(tree().intensity()).isEqualTo(4);
  }

  @Test
  void aTreeMayBeDeclaredByTheEnvironmentAlone() {
    variable("OTP_SUPERVISORS_PAYMENTS_CHILDREN_0_ID", "ledger")
        .variable("OTP_SUPERVISORS_PAYMENTS_CHILDREN_0_SERVER", "ledger");
    assertThat(tree().name()).isEqualTo("payments");
    assertThat(server(tree(), 0).bean()).isEqualTo("ledger");
  }

  @Test
  void aProfileOverridesOneValue() {
    file(
            "application-dev.yaml",
            """
            otp.supervisors.payments.children[1].shutdown: 1s
            otp.supervisors.payments.intensity: 100
            """)
        .file("application.yaml", PAYMENTS);
    assertThat(tree().intensity()).isEqualTo(100);
    assertThat(tree().children()).hasSize(4);
    assertThat(server(tree(), 1).id()).isEqualTo("gateway");
    assertThat(server(tree(), 1).shutdown()).isEqualTo(new Shutdown.After(Duration.ofSeconds(1)));
  }

  @Test
  void aProfileThatListsChildrenReplacesThem() {
    file(
            "application-dev.yaml",
            "otp.supervisors.payments.children: [{id: fake, server: fakeLedger}]")
        .file("application.yaml", PAYMENTS);
    assertThat(tree().intensity()).isEqualTo(3);
    assertThat(tree().children()).hasSize(1);
    assertThat(server(tree(), 0).bean()).isEqualTo("fakeLedger");
  }

  @Test
  void aProfileDoesNotChangeTheOrder() {
    file("application-dev.yaml", "otp.supervisors.b.intensity: 2")
        .file("application.yaml", "otp.supervisors: {a: {intensity: 1}, b: {intensity: 1}}");
    assertThat(read()).extracting(TreeDefinition.Application::name).containsExactly("a", "b");
  }

  // --- refused

  @Test
  void refusesAnUnknownKeyAtEachLevel() {
    file(
            "application.yaml",
            "otp.applications.a: {supervisor: {intensity: 1}, dependson: b, typ: temporary}")
        .refuses(
            "'typ' is not a property of an application.",
            "Did you mean 'type'? Known: depends-on, description, environment, includes, max-time,"
                + " module, optional-depends-on, start-phases, supervisor, type, version. Fix"
                + " otp.applications.a.typ (application.yaml - 1:69).");
  }

  @Test
  void refusesAnUnknownKeyOfASupervisor() {
    file("application.yaml", "otp.supervisors.a.auto: {shutdown: never}")
        .refuses(
            "'auto' is not a property of a supervisor.",
            "Known: auto-shutdown, children, context, intensity, period, strategy. Fix"
                + " otp.supervisors.a.auto (application.yaml - 1:36).");
  }

  @Test
  void refusesAnUnknownKeyFromTheEnvironment() {
    variable("OTP_SUPERVISORS_A_INTENSTY", "3")
        .refuses(
            "'intensty' is not a property of a supervisor.",
            "Did you mean 'intensity'? Known: auto-shutdown, children, context, intensity, period,"
                + " strategy. Fix otp.supervisors.a.intensty (\"OTP_SUPERVISORS_A_INTENSTY\" from"
                + " property source \"systemEnvironment\").");
  }

  @Test
  void refusesWhatHasNoEffectBesideDynamic() {
    file(
            "application.yaml",
            "otp.supervisors.a.children: [{id: b, dynamic: {server: b}, restart: transient}]")
        .refuses(
            "'restart' is not a property of a child that is dynamic, which has its properties below"
                + " dynamic.",
            "Known: dynamic, id. Fix otp.supervisors.a.children[0].restart (application.yaml -"
                + " 1:69).");
  }

  @Test
  void refusesArgumentsOfASupervisor() {
    file(
            "application.yaml",
            "otp.supervisors.a.children: [{id: b, supervisor: {intensity: 1}, args: {x: 1}}]")
        .refuses(
            "'args' is not a property of a child that is a supervisor.",
            "Known: id, restart, shutdown, significant, supervisor. Fix"
                + " otp.supervisors.a.children[0].args (application.yaml - 1:76).");
  }

  @Test
  void refusesABadDuration() {
    file("application.yaml", "otp.supervisors.a.period: 10x")
        .refuses(
            "otp.supervisors.a.period is '10x', which is not a duration such as 10s, 500ms or 2m.",
            "Fix otp.supervisors.a.period (application.yaml - 1:27).");
  }

  @Test
  void refusesAPeriodThatIsNotInWholeSeconds() {
    file("application.yaml", "otp.supervisors.a.period: 10")
        .refuses(
            "Supervisor 'a' has period 10ms. Allowed are whole seconds from 1s, because restarts"
                + " are counted by the second. Change period.",
            "Fix otp.supervisors.a.period (application.yaml - 1:27).");
  }

  @Test
  void refusesANegativeIntensity() {
    file("application.yaml", "otp.supervisors.a.intensity: -1")
        .refuses(
            "Supervisor 'a' has intensity -1. Allowed are 0, which gives up at the first restart,"
                + " and more. Change intensity.",
            "Fix otp.supervisors.a.intensity (application.yaml - 1:30).");
  }

  @Test
  void refusesAWordForANumber() {
    file("application.yaml", "otp.supervisors.a.intensity: many")
        .refuses(
            "otp.supervisors.a.intensity is 'many', which is not a whole number.",
            "Fix otp.supervisors.a.intensity (application.yaml - 1:30).");
  }

  @Test
  void refusesABadWord() {
    file("application.yaml", "otp.supervisors.a.strategy: one-for-al")
        .refuses(
            "otp.supervisors.a.strategy is 'one-for-al', which is not one of one-for-one,"
                + " one-for-all, rest-for-one.",
            "Did you mean 'one-for-all'? Fix otp.supervisors.a.strategy (application.yaml -"
                + " 1:29).");
  }

  @Test
  void refusesTheStrategyOfDynamicSupervisors() {
    file("application.yaml", "otp.supervisors.a.strategy: simple-one-for-one")
        .refuses(
            "otp.supervisors.a.strategy is 'simple-one-for-one', which is not one of one-for-one,"
                + " one-for-all, rest-for-one.",
            "Fix otp.supervisors.a.strategy (application.yaml - 1:29).");
  }

  @Test
  void refusesABadShutdown() {
    file("application.yaml", "otp.supervisors.a.children: [{id: b, server: b, shutdown: brutal}]")
        .refuses(
            "otp.supervisors.a.children[0].shutdown is 'brutal', which is not a duration such as"
                + " 30s or 500ms, brutal-kill or infinity.",
            "Fix otp.supervisors.a.children[0].shutdown (application.yaml - 1:59).");
  }

  @Test
  void refusesAChildWithoutId() {
    file("application.yaml", "otp.supervisors.a.children: [{server: b}]")
        .refuses("A child of supervisor 'a' has no id.", "Add otp.supervisors.a.children[0].id.");
  }

  @Test
  void refusesAChildThatIsNothing() {
    file("application.yaml", "otp.supervisors.a.children: [{id: b, restart: transient}]")
        .refuses(
            "Child 'b' of supervisor 'a' must have exactly one of server, supervisor, dynamic and"
                + " events.",
            "Write otp.supervisors.a.children[0].server, otp.supervisors.a.children[0].supervisor,"
                + " otp.supervisors.a.children[0].dynamic or"
                + " otp.supervisors.a.children[0].events.");
  }

  @Test
  void namesTheMisspeltKeyOfAChildThatIsNothing() {
    file("application.yaml", "otp.supervisors.a.children: [{id: b, sever: b}]")
        .refuses(
            "'sever' is not a property of a child.",
            "Did you mean 'server'? Known: args, dynamic, events, handlers, id, name, restart,"
                + " server, shutdown, significant, supervisor, watchdog. Fix"
                + " otp.supervisors.a.children[0].sever (application.yaml - 1:45).");
  }

  @Test
  void refusesAGapInAList() {
    file(
            "application.yaml",
            """
            otp.supervisors.a.children[0]: {id: a, server: a}
            otp.supervisors.a.children[2]: {id: b, server: b}
            """)
        .refuses(
            "otp.supervisors.a.children has no [1], but otp.supervisors.a.children[2] is set.",
            "Number its elements from 0 without a gap.");
  }

  @Test
  void refusesAMapForAList() {
    file("application.yaml", "otp.supervisors.a.children: {ledger: {server: ledger}}")
        .refuses(
            "otp.supervisors.a.children is no list: otp.supervisors.a.children.ledger is set.",
            "Begin each of its elements with a dash, or with [0], [1], ….");
  }

  @Test
  void refusesAValueWhereKeysBelong() {
    file("application.yaml", "otp.supervisors: {payments: ledger}")
        .refuses(
            "otp.supervisors.payments is 'ledger', but it has keys below it and no value of its"
                + " own.",
            "Remove the value of otp.supervisors.payments (application.yaml - 1:29), or indent what"
                + " belongs below it.");
  }

  @Test
  void refusesAnApplicationWithoutSupervisor() {
    file("application.yaml", "otp.applications.a.type: temporary")
        .refuses(
            "Application 'a' has no supervisor.",
            "Declare one under otp.applications.a.supervisor, at least with children.");
  }

  @Test
  void refusesADynamicChildWithoutServer() {
    file("application.yaml", "otp.supervisors.a.children: [{id: b, dynamic: {restart: transient}}]")
        .refuses(
            "Dynamic child 'b' of supervisor 'a' has no server.",
            "Add otp.supervisors.a.children[0].dynamic.server with the name of a GenServer or"
                + " StateMachine bean.");
  }

  @Test
  void refusesNoChildrenAtAllAsALimit() {
    file(
            "application.yaml",
            "otp.supervisors.a.children: [{id: b, dynamic: {server: b, max-children: 0}}]")
        .refuses(
            "otp.supervisors.a.children[0].dynamic.max-children is '0', which is not 1 or more;"
                + " without it there is no limit.",
            "Fix otp.supervisors.a.children[0].dynamic.max-children (application.yaml - 1:73).");
  }
}
