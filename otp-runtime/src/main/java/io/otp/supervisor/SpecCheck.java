package io.otp.supervisor;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What supervisor and child specs must be, and the texts that refuse others. The errors are named
 * as OTP's; those that Java's types leave only {@code null} for are here too.
 */
final class SpecCheck {

  private SpecCheck() {}

  /** A child spec by itself. */
  static void child(
      @Nullable String id,
      @Nullable ChildStart start,
      @Nullable Restart restart,
      @Nullable Shutdown shutdown,
      @Nullable ChildType type,
      @Nullable List<? extends @Nullable String> modules) {
    if (id == null || id.isBlank()) {
      throw invalid(
          "missing_id",
          null,
          "id",
          id,
          "A child spec has %s id. Give it one that no other child of its supervisor has.",
          id == null ? "no" : "a blank");
    }
    if (start == null) {
      throw invalid(
          "missing_start",
          id,
          "start",
          null,
          "Child '%s' has no start function. Give it one that starts a process and links it to the"
              + " supervisor.",
          id);
    }
    if (restart == null) {
      throw missing("invalid_restart_type", id, "restart", "permanent, transient and temporary");
    }
    if (shutdown == null) {
      throw missing(
          "invalid_shutdown", id, "shutdown", "a duration of 0 or more, brutal-kill and infinity");
    }
    if (type == null) {
      throw missing("invalid_child_type", id, "type", "worker and supervisor");
    }
    if (modules == null) {
      throw missing(
          "invalid_modules", id, "modules", "class names, or none where they change while it runs");
    }
    for (String module : modules) {
      if (module == null || module.isBlank()) {
        throw invalid(
            "invalid_module",
            id,
            "modules",
            module,
            "Child '%s' lists '%s' among its modules. Allowed are class names. Remove it.",
            id,
            module);
      }
    }
  }

  /** A shutdown that is no duration of 0 or more. */
  static InvalidSpecException shutdown(Object value, String text) {
    return invalid(
        "invalid_shutdown",
        null,
        "shutdown",
        value,
        "A shutdown of '%s' is not allowed. Allowed are a duration of 0 or more (5s, 500ms, PT5S),"
            + " brutal-kill and infinity. Change shutdown.",
        text);
  }

  /** A supervisor's flags. */
  static void flags(
      @Nullable String name,
      @Nullable Strategy strategy,
      int intensity,
      @Nullable Duration period,
      @Nullable AutoShutdown autoShutdown,
      int maxChildren) {
    if (name == null || name.isBlank()) {
      throw invalid(
          "invalid_name",
          null,
          "name",
          name,
          "A supervisor has %s name. Give it one.",
          name == null ? "no" : "a blank");
    }
    if (strategy == null) {
      throw invalid(
          "invalid_strategy",
          null,
          "strategy",
          null,
          "Supervisor '%s' has no strategy. Allowed are one-for-one, one-for-all, rest-for-one and"
              + " simple-one-for-one. Choose one.",
          name);
    }
    if (intensity < 0) {
      throw invalid(
          "invalid_intensity",
          null,
          "intensity",
          intensity,
          "Supervisor '%s' has intensity %d. Allowed are 0, which gives up at the first restart,"
              + " and more. Change intensity.",
          name,
          intensity);
    }
    if (period == null || period.getNano() != 0 || period.getSeconds() < 1) {
      throw invalid(
          "invalid_period",
          null,
          "period",
          period,
          "Supervisor '%s' has period %s. Allowed are whole seconds from 1s, because restarts are"
              + " counted by the second. Change period.",
          name,
          period == null ? "null" : DurationText.of(period));
    }
    if (autoShutdown == null) {
      throw invalid(
          "invalid_auto_shutdown",
          null,
          "autoShutdown",
          null,
          "Supervisor '%s' has no auto-shutdown. Allowed are never, any-significant and"
              + " all-significant. Choose never for OTP's default.",
          name);
    }
    if (maxChildren < 0
        || maxChildren != SupervisorSpec.UNLIMITED && strategy != Strategy.SIMPLE_ONE_FOR_ONE) {
      throw invalid(
          "invalid_max_children",
          null,
          "maxChildren",
          maxChildren,
          "Supervisor '%s' (%s) has max-children %d. Allowed are 0 and more, and only for"
              + " simple-one-for-one. Remove max-children.",
          name,
          strategy.text(),
          maxChildren);
    }
  }

  /** How many partitions there are to be. */
  static void partitions(String name, int partitions) {
    if (partitions < 1) {
      throw invalid(
          "invalid_partitions",
          null,
          "partitions",
          partitions,
          "Supervisor '%s' is to have %d partitions. Allowed are 1 and more. Change partitions.",
          name,
          partitions);
    }
  }

  /** A supervisor's children, without their significance. */
  static void children(String name, Strategy strategy, List<ChildSpec> children) {
    boolean simple = strategy == Strategy.SIMPLE_ONE_FOR_ONE;
    if (simple && children.size() != 1) {
      throw invalid(
          "bad_start_spec",
          null,
          "children",
          children.size(),
          "Supervisor '%s' is simple-one-for-one and has %d child specs. Allowed is exactly one,"
              + " the template of all its children. Use SupervisorSpec.dynamic if each child brings"
              + " its own.",
          name,
          children.size());
    }
    unique("Supervisor '" + name + "' has", children);
    for (ChildSpec child : children) {
      if (simple && !(child.start() instanceof DynamicStart<?>)) {
        throw invalid(
            "invalid_mfa",
            child.id(),
            "start",
            null,
            "Supervisor '%s' is simple-one-for-one, but its child '%s' takes no start arguments."
                + " Use ChildSpec.template.",
            name,
            child.id());
      }
      if (!simple) {
        throwIf(startError(name, child));
      }
    }
  }

  /** The ids of {@code children} are unique. */
  static void unique(String who, List<ChildSpec> children) {
    var ids = new HashSet<String>();
    for (ChildSpec child : children) {
      if (!ids.add(child.id())) {
        throw invalid(
            "duplicate_child_name",
            child.id(),
            "id",
            child.id(),
            "%s two children with id '%s'. Ids are unique within a supervisor. Rename one of them.",
            who,
            child.id());
      }
    }
  }

  /** A child whose start needs arguments that nobody gives it. */
  static Optional<SpecError> startError(String supervisor, ChildSpec child) {
    return child.start() instanceof DynamicStart<?>
        ? Optional.of(
            error(
                "invalid_mfa",
                child.id(),
                "start",
                null,
                "Supervisor '%s' cannot start child '%s': it needs start arguments, which only the"
                    + " template of a simple-one-for-one supervisor gets. Use ChildSpec.of.",
                supervisor,
                child.id()))
        : Optional.empty();
  }

  /** A significant child that cannot be. */
  static Optional<SpecError> significanceError(ChildSpec child, AutoShutdown autoShutdown) {
    if (!child.significant()) {
      return Optional.empty();
    }
    if (autoShutdown == AutoShutdown.NEVER) {
      return Optional.of(
          error(
              "bad_combination",
              child.id(),
              "significant",
              true,
              "Child '%s' is significant, but its supervisor's auto-shutdown is never. Allowed are"
                  + " any-significant and all-significant. Set auto-shutdown or make the child not"
                  + " significant.",
              child.id()));
    }
    if (child.restart() == Restart.PERMANENT) {
      return Optional.of(
          error(
              "bad_combination",
              child.id(),
              "restart",
              child.restart(),
              "Child '%s' is significant, but permanent, so that it is never done. Allowed are"
                  + " transient and temporary. Change restart.",
              child.id()));
    }
    return Optional.empty();
  }

  /** Start arguments for a supervisor that has no template. */
  static SpecError noTemplate(SupervisorSpec supervisor, @Nullable Object args) {
    return error(
        "invalid_child_spec",
        null,
        "children",
        args,
        "Supervisor '%s' has no template and was asked to start a child from arguments. Allowed is"
            + " a child spec. Pass a ChildSpec, or make it simple-one-for-one with a template.",
        supervisor.name());
  }

  /** A change of code that makes another kind of supervisor of a running one. */
  static SpecError otherKind(
      SupervisorSpec old, String oldKind, SupervisorSpec next, String nextKind) {
    return error(
        "invalid_strategy",
        null,
        "strategy",
        next.strategy(),
        "Supervisor '%s' (%s) cannot change from %s to %s while it runs. Allowed is a change"
            + " between one-for-one, one-for-all and rest-for-one. Restart the supervisor instead.",
        old.name(),
        old.strategy().text(),
        oldKind,
        nextKind);
  }

  static void throwIf(Optional<SpecError> error) {
    if (error.isPresent()) {
      throw new InvalidSpecException(error.get());
    }
  }

  private static SpecError error(
      String error,
      @Nullable String child,
      String key,
      @Nullable Object value,
      String text,
      @Nullable Object... args) {
    return new SpecError(error, child, key, value, text.formatted(args));
  }

  private static InvalidSpecException invalid(
      String error,
      @Nullable String child,
      String key,
      @Nullable Object value,
      String text,
      @Nullable Object... args) {
    return new InvalidSpecException(error(error, child, key, value, text, args));
  }

  private static InvalidSpecException missing(String error, String id, String key, String allowed) {
    return invalid(
        error,
        id,
        key,
        null,
        "Child '%s' has no %s. Allowed are %s. Leave it out for OTP's default.",
        id,
        key,
        allowed);
  }
}
