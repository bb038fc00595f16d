package io.otp.supervisor;

import static io.otp.supervisor.AutoShutdown.ALL_SIGNIFICANT;
import static io.otp.supervisor.AutoShutdown.ANY_SIGNIFICANT;
import static io.otp.supervisor.AutoShutdown.NEVER;
import static io.otp.supervisor.Restart.PERMANENT;
import static io.otp.supervisor.Restart.TEMPORARY;
import static io.otp.supervisor.Restart.TRANSIENT;
import static io.otp.supervisor.Strategy.ONE_FOR_ALL;
import static io.otp.supervisor.Strategy.ONE_FOR_ONE;
import static io.otp.supervisor.Strategy.SIMPLE_ONE_FOR_ONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.otp.Rule;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisorSpecTests {

  private static final ChildStart START = _ -> new StartResult.Ignored();
  private static final ChildSpec A = ChildSpec.of("a", START);
  private static final ChildSpec B = ChildSpec.of("b", START);
  private static final ChildSpec TEMPLATE =
      ChildSpec.<String>template("t", (_, _) -> new StartResult.Ignored());

  @Test
  @Rule("5.01")
  void flagsDefaultToOneRestartWithinFiveSeconds() {
    assertThat(SupervisorSpec.of("shop", ONE_FOR_ONE, A))
        .isEqualTo(
            new SupervisorSpec(
                "shop",
                ONE_FOR_ONE,
                1,
                Duration.ofSeconds(5),
                NEVER,
                SupervisorSpec.UNLIMITED,
                List.of(A),
                null));
  }

  @Test
  @Rule("5.02")
  void childDefaultsToPermanentWorkerWithFiveSeconds() {
    assertThat(A)
        .isEqualTo(
            new ChildSpec(
                "a",
                START,
                PERMANENT,
                new Shutdown.After(Duration.ofSeconds(5)),
                ChildType.WORKER,
                false,
                List.of(SupervisorSpecTests.class.getName())));
  }

  @Test
  @Rule("5.02")
  void supervisorAsChildIsGivenUnlimitedTime() {
    assertThat(A.asSupervisor().shutdown()).isEqualTo(Shutdown.INFINITY);
    assertThat(A.asSupervisor().type()).isEqualTo(ChildType.SUPERVISOR);
    var minute = Duration.ofMinutes(1);
    assertThat(A.withShutdown(minute).asSupervisor())
        .isEqualTo(A.asSupervisor().withShutdown(minute));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  @Rule({"5.03", "5.04", "5.70"})
  void refusesWithOtpsErrorAndAText(String error, String text, ThrowingCallable spec) {
    var refused = catchThrowableOfType(InvalidSpecException.class, spec);
    assertThat(refused.error().error()).isEqualTo(error);
    assertThat(refused).hasMessage(text);
    assertThat(refused.error().message()).isEqualTo(text);
  }

  @SuppressWarnings("NullAway")
  private static Stream<Arguments> refusals() {
    return Stream.of(
        refusal(
            "missing_id",
            "A child spec has no id. Give it one that no other child of its supervisor has.",
            () -> ChildSpec.of(null, START)),
        refusal(
            "missing_id",
            "A child spec has a blank id. Give it one that no other child of its supervisor has.",
            () -> ChildSpec.of(" ", START)),
        refusal(
            "missing_start",
            "Child 'a' has no start function. Give it one that starts a process and links it to"
                + " the supervisor.",
            () -> ChildSpec.of("a", null)),
        refusal(
            "invalid_mfa",
            "Supervisor 'shop' cannot start child 't': it needs start arguments, which only the"
                + " template of a simple-one-for-one supervisor gets. Use ChildSpec.of.",
            () -> SupervisorSpec.of("shop", ONE_FOR_ONE, TEMPLATE)),
        refusal(
            "invalid_mfa",
            "Supervisor 'shop' is simple-one-for-one, but its child 'a' takes no start arguments."
                + " Use ChildSpec.template.",
            () -> SupervisorSpec.of("shop", SIMPLE_ONE_FOR_ONE, A)),
        refusal(
            "invalid_restart_type",
            "Child 'a' has no restart. Allowed are permanent, transient and temporary. Leave it"
                + " out for OTP's default.",
            () -> A.withRestart(null)),
        refusal(
            "invalid_shutdown",
            "A shutdown of '-1ms' is not allowed. Allowed are a duration of 0 or more (5s, 500ms,"
                + " PT5S), brutal-kill and infinity. Change shutdown.",
            () -> A.withShutdown(Duration.ofMillis(-1))),
        refusal(
            "invalid_shutdown",
            "Child 'a' has no shutdown. Allowed are a duration of 0 or more, brutal-kill and"
                + " infinity. Leave it out for OTP's default.",
            () -> A.withShutdown((Shutdown) null)),
        refusal(
            "invalid_child_type",
            "Child 'a' has no type. Allowed are worker and supervisor. Leave it out for OTP's"
                + " default.",
            () -> new ChildSpec("a", START, PERMANENT, Shutdown.INFINITY, null, false, List.of())),
        refusal(
            "invalid_modules",
            "Child 'a' has no modules. Allowed are class names, or none where they change while it"
                + " runs. Leave it out for OTP's default.",
            () -> A.withModules(null)),
        refusal(
            "invalid_module",
            "Child 'a' lists 'null' among its modules. Allowed are class names. Remove it.",
            () -> A.withModules(Arrays.asList("x.Y", null))),
        refusal(
            "invalid_name",
            "A supervisor has a blank name. Give it one.",
            () -> SupervisorSpec.of("", ONE_FOR_ONE)),
        refusal(
            "invalid_strategy",
            "Supervisor 'shop' has no strategy. Allowed are one-for-one, one-for-all, rest-for-one"
                + " and simple-one-for-one. Choose one.",
            () -> SupervisorSpec.of("shop", null)),
        refusal(
            "invalid_intensity",
            "Supervisor 'shop' has intensity -1. Allowed are 0, which gives up at the first"
                + " restart, and more. Change intensity.",
            () -> SupervisorSpec.of("shop", ONE_FOR_ONE).withIntensity(-1, Duration.ofSeconds(5))),
        refusal(
            "invalid_period",
            "Supervisor 'shop' has period 1500ms. Allowed are whole seconds from 1s, because"
                + " restarts are counted by the second. Change period.",
            () -> SupervisorSpec.of("shop", ONE_FOR_ONE).withIntensity(1, Duration.ofMillis(1500))),
        refusal(
            "invalid_period",
            "Supervisor 'shop' has period 0s. Allowed are whole seconds from 1s, because restarts"
                + " are counted by the second. Change period.",
            () -> SupervisorSpec.of("shop", ONE_FOR_ONE).withIntensity(1, Duration.ZERO)),
        refusal(
            "invalid_auto_shutdown",
            "Supervisor 'shop' has no auto-shutdown. Allowed are never, any-significant and"
                + " all-significant. Choose never for OTP's default.",
            () -> SupervisorSpec.of("shop", ONE_FOR_ONE).withAutoShutdown(null)),
        refusal(
            "invalid_max_children",
            "Supervisor 'shop' (one-for-all) has max-children 3. Allowed are 0 and more, and only"
                + " for simple-one-for-one. Remove max-children.",
            () -> SupervisorSpec.of("shop", ONE_FOR_ALL).withMaxChildren(3)),
        refusal(
            "duplicate_child_name",
            "Supervisor 'shop' has two children with id 'a'. Ids are unique within a supervisor."
                + " Rename one of them.",
            () -> SupervisorSpec.of("shop", ONE_FOR_ONE, A, B, A)),
        refusal(
            "bad_start_spec",
            "Supervisor 'shop' is simple-one-for-one and has 0 child specs. Allowed is exactly"
                + " one, the template of all its children. Use SupervisorSpec.dynamic if each"
                + " child brings its own.",
            () -> SupervisorSpec.of("shop", SIMPLE_ONE_FOR_ONE)),
        refusal(
            "bad_start_spec",
            "Supervisor 'shop' is simple-one-for-one and has 2 child specs. Allowed is exactly"
                + " one, the template of all its children. Use SupervisorSpec.dynamic if each"
                + " child brings its own.",
            () -> SupervisorSpec.of("shop", SIMPLE_ONE_FOR_ONE, TEMPLATE, A)));
  }

  private static Arguments refusal(String error, String text, ThrowingCallable spec) {
    return Arguments.of(error, text, spec);
  }

  @ParameterizedTest
  @CsvSource({
    "NEVER,           PERMANENT, significant",
    "NEVER,           TRANSIENT, significant",
    "NEVER,           TEMPORARY, significant",
    "ANY_SIGNIFICANT, PERMANENT, restart",
    "ANY_SIGNIFICANT, TRANSIENT,",
    "ANY_SIGNIFICANT, TEMPORARY,",
    "ALL_SIGNIFICANT, PERMANENT, restart",
    "ALL_SIGNIFICANT, TRANSIENT,",
    "ALL_SIGNIFICANT, TEMPORARY,",
  })
  @Rule({"5.05", "5.63"})
  void significantChildFitsItsSupervisorAndRestart(
      AutoShutdown auto, Restart restart, String wrong) {
    var child = A.withRestart(restart).withSignificant(true);
    ThrowingCallable check = () -> SupervisorSpec.check(List.of(child), auto);
    ThrowingCallable start =
        () ->
            RestartPlan.of(
                SupervisorSpec.of("shop", ONE_FOR_ONE, child).withAutoShutdown(auto),
                PlanRun.SUPERVISOR);
    if (wrong == null) {
      assertThat(catchThrowableOfType(Throwable.class, check)).isNull();
      assertThat(catchThrowableOfType(Throwable.class, start)).isNull();
      return;
    }
    for (ThrowingCallable refused : List.of(check, start)) {
      SpecError error = catchThrowableOfType(InvalidSpecException.class, refused).error();
      assertThat(error.error()).isEqualTo("bad_combination");
      assertThat(error.key()).isEqualTo(wrong);
      assertThat(error.child()).isEqualTo("a");
    }
  }

  @Test
  @Rule("5.05")
  void saysWhatToDoAboutASignificantChild() {
    assertThatThrownBy(
            () ->
                SupervisorSpec.check(
                    List.of(A.withSignificant(true).withRestart(TRANSIENT)), NEVER))
        .hasMessage(
            "Child 'a' is significant, but its supervisor's auto-shutdown is never. Allowed are"
                + " any-significant and all-significant. Set auto-shutdown or make the child not"
                + " significant.");
    assertThatThrownBy(
            () -> SupervisorSpec.check(List.of(A.withSignificant(true)), ANY_SIGNIFICANT))
        .hasMessage(
            "Child 'a' is significant, but permanent, so that it is never done. Allowed are"
                + " transient and temporary. Change restart.");
  }

  @Test
  @Rule("5.63")
  void checksChildSpecsWithoutASupervisor() {
    assertThatThrownBy(() -> SupervisorSpec.check(List.of(A, A), ALL_SIGNIFICANT))
        .hasMessage(
            "There are two children with id 'a'. Ids are unique within a supervisor. Rename one of"
                + " them.");
    SupervisorSpec.check(
        List.of(A, B.withRestart(TEMPORARY).withSignificant(true)), ALL_SIGNIFICANT);
  }

  @ParameterizedTest
  @CsvSource({
    "brutal-kill, brutal-kill",
    "BRUTAL_KILL, brutal-kill",
    "infinity,    infinity",
    "30s,         30s",
    "0,           0s",
    "5000,        5s",
    "500ms,       500ms",
    "2m,          120s",
    "PT1.5S,      1500ms",
    "pt1h,        3600s",
    "1us,         PT0.000001S",
  })
  @Rule("5.02")
  void readsShutdownAsItWritesIt(String text, String written) {
    assertThat(Shutdown.parse(text)).hasToString(written);
    assertThat(Shutdown.parse(written)).isEqualTo(Shutdown.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1s", "5 s", "1.5s", "999999999999999999d", "PT-1S", "٣s"})
  @Rule("5.03")
  void refusesAnyOtherShutdown(String text) {
    var refused = catchThrowableOfType(InvalidSpecException.class, () -> Shutdown.parse(text));
    assertThat(refused.error().error()).isEqualTo("invalid_shutdown");
    assertThat(refused.error().key()).isEqualTo("shutdown");
    assertThat(refused).hasMessageEndingWith("brutal-kill and infinity. Change shutdown.");
  }

  @Test
  void writesEnumsAsConfigurationDoes() {
    assertThat(ONE_FOR_ALL.text()).isEqualTo("one-for-all");
    assertThat(SIMPLE_ONE_FOR_ONE.text()).isEqualTo("simple-one-for-one");
    assertThat(TRANSIENT.text()).isEqualTo("transient");
    assertThat(ANY_SIGNIFICANT.text()).isEqualTo("any-significant");
    assertThat(ChildType.SUPERVISOR.text()).isEqualTo("supervisor");
  }

  @Test
  void childrenCannotBeChangedAfterwards() {
    var modules = new java.util.ArrayList<>(List.of("x.Y"));
    var child = A.withModules(modules);
    modules.clear();
    assertThat(child.modules()).containsExactly("x.Y");
    var children = new ChildSpec[] {A, B};
    var spec = SupervisorSpec.of("shop", ONE_FOR_ONE, children);
    children[0] = B;
    assertThat(spec.children()).containsExactly(A, B);
  }
}
