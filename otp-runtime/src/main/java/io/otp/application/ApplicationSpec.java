package io.otp.application;

import io.otp.process.Immutable;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Describes an application, as an {@code .app} file does in OTP.
 *
 * {@snippet :
 * ApplicationSpec shop =
 *     ApplicationSpec.of("shop")
 *         .withApplications("ledger", "mail")
 *         .withEnvironment(Map.of("currency", "EUR"))
 *         .withModule(new Shop(), new Shop.Settings(3));
 * }
 *
 * @param name its name, 1 to 255 characters
 * @param description one line for people; default empty
 * @param version its version; default empty
 * @param registered names that its processes register, for people; default none
 * @param applications those that must run before it is started; default none
 * @param optionalApplications those that {@link ApplicationController#ensureAllStarted} starts
 *     before it if they are loaded; a plain start does not ask for them. Unlike in OTP they are not
 *     named among {@code applications} too
 * @param includedApplications those whose trees it starts itself, within its own; they are loaded
 *     and not started, and nobody else includes them
 * @param environment values by key, immutable; the configuration of the node goes before them
 * @param startPhases steps of its start after the tree runs; default none
 * @param maxTime how long it may run, then it is stopped and counts as ended {@code normal}; {@code
 *     null}, the default, for as long as it likes
 * @param module its code; {@code null}, the default, for a library, which is started without a
 *     process
 * @see <a href="https://www.erlang.org/doc/apps/kernel/app.html">app</a>
 */
@Immutable
public record ApplicationSpec(
    String name,
    String description,
    String version,
    List<String> registered,
    List<String> applications,
    List<String> optionalApplications,
    List<String> includedApplications,
    Map<String, Object> environment,
    List<StartPhase> startPhases,
    @Nullable Duration maxTime,
    @Nullable ApplicationModule<?, ?> module) {

  private static final int MAX_NAME = 255;

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if the name is empty or too long, an application is named
   *     twice or names itself, a phase is there twice, or the time is not positive
   */
  public ApplicationSpec {
    require(
        !name.isBlank() && name.length() <= MAX_NAME,
        "An application is named '" + name + "'. Allowed are 1 to " + MAX_NAME + " characters.");
    registered = List.copyOf(registered);
    applications = List.copyOf(applications);
    optionalApplications = List.copyOf(optionalApplications);
    includedApplications = List.copyOf(includedApplications);
    startPhases = List.copyOf(startPhases);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    Set<String> others = new LinkedHashSet<>();
    for (List<String> list : List.of(applications, optionalApplications, includedApplications)) {
      for (String other : list) {
        require(
            !other.equals(name),
            "Application '" + name + "' names itself as a dependency. Remove it.");
        require(
            others.add(other),
            "Application '"
                + name
                + "' names '"
                + other
                + "' twice. An application is required, optional or included, once.");
      }
    }
    Set<String> phases = new LinkedHashSet<>();
    for (StartPhase phase : startPhases) {
      require(
          phases.add(phase.name()),
          "Application '" + name + "' has start phase '" + phase.name() + "' twice. Remove one.");
    }
    require(
        maxTime == null || maxTime.isPositive(),
        "Application '"
            + name
            + "' may run for "
            + maxTime
            + ". Allowed is more than 0; leave it out for no limit.");
  }

  private static void require(boolean condition, String text) {
    if (!condition) {
      throw new IllegalArgumentException(text);
    }
  }

  /** A library without dependencies. */
  public static ApplicationSpec of(String name) {
    return new ApplicationSpec(
        name, "", "", List.of(), List.of(), List.of(), List.of(), Map.of(), List.of(), null, null);
  }

  /** With another description. */
  public ApplicationSpec withDescription(String description) {
    return with(parts -> parts.description = description);
  }

  /** With another version. */
  public ApplicationSpec withVersion(String version) {
    return with(parts -> parts.version = version);
  }

  /** With other registered names. */
  public ApplicationSpec withRegistered(String... registered) {
    return with(parts -> parts.registered = List.of(registered));
  }

  /** With other dependencies. */
  public ApplicationSpec withApplications(String... applications) {
    return with(parts -> parts.applications = List.of(applications));
  }

  /** With other optional dependencies. */
  public ApplicationSpec withOptionalApplications(String... optionalApplications) {
    return with(parts -> parts.optionalApplications = List.of(optionalApplications));
  }

  /** With other included applications. */
  public ApplicationSpec withIncludedApplications(String... includedApplications) {
    return with(parts -> parts.includedApplications = List.of(includedApplications));
  }

  /** With another environment; its values are immutable. */
  public ApplicationSpec withEnvironment(Map<String, ?> environment) {
    return with(parts -> parts.environment = Map.copyOf(environment));
  }

  /** With other start phases. */
  public ApplicationSpec withStartPhases(StartPhase... startPhases) {
    return with(parts -> parts.startPhases = List.of(startPhases));
  }

  /** With another time that it may run. */
  public ApplicationSpec withMaxTime(@Nullable Duration maxTime) {
    return with(parts -> parts.maxTime = maxTime);
  }

  /**
   * With code.
   *
   * @param args what {@link Application#start} gets; immutable
   */
  public <A> ApplicationSpec withModule(Application<A, ?> callbacks, A args) {
    return with(parts -> parts.module = new ApplicationModule<>(callbacks, args));
  }

  /** With code that does nothing but start a supervisor. */
  public ApplicationSpec withSupervisor(SupervisorSpec supervisor) {
    return withModule(SupervisorApplication.INSTANCE, supervisor);
  }

  private ApplicationSpec with(Consumer<Parts> change) {
    var parts = new Parts(this);
    change.accept(parts);
    return parts.spec();
  }

  /** The components while one of them is changed. */
  private static final class Parts {
    final String name;
    String description;
    String version;
    List<String> registered;
    List<String> applications;
    List<String> optionalApplications;
    List<String> includedApplications;
    Map<String, Object> environment;
    List<StartPhase> startPhases;
    @Nullable Duration maxTime;
    @Nullable ApplicationModule<?, ?> module;

    Parts(ApplicationSpec spec) {
      name = spec.name;
      description = spec.description;
      version = spec.version;
      registered = spec.registered;
      applications = spec.applications;
      optionalApplications = spec.optionalApplications;
      includedApplications = spec.includedApplications;
      environment = spec.environment;
      startPhases = spec.startPhases;
      maxTime = spec.maxTime;
      module = spec.module;
    }

    ApplicationSpec spec() {
      return new ApplicationSpec(
          name,
          description,
          version,
          registered,
          applications,
          optionalApplications,
          includedApplications,
          environment,
          startPhases,
          maxTime,
          module);
    }
  }
}
