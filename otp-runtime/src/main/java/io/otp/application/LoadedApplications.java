package io.otp.application;

import io.otp.application.ApplicationInfo.Status;
import io.otp.process.Pid;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which applications are loaded, which run and in which order, and what that allows. Confined to
 * the {@link ControllerProcess}.
 */
final class LoadedApplications {

  private final Map<String, LoadedApplication> loaded = new LinkedHashMap<>();
  private final Map<Pid, LoadedApplication> masters = new HashMap<>();

  /** Those that run, in the order in which they were started. */
  private final Map<String, LoadedApplication> started = new LinkedHashMap<>();

  @Nullable LoadedApplication get(String name) {
    return loaded.get(name);
  }

  @Nullable LoadedApplication ofMaster(Pid master) {
    return masters.get(master);
  }

  Collection<LoadedApplication> all() {
    return loaded.values();
  }

  /** How many run. */
  int running() {
    return started.size();
  }

  /** Why it cannot be loaded, {@code null} if it is now. */
  @Nullable ApplicationError add(ApplicationSpec spec) {
    if (loaded.containsKey(spec.name())) {
      return new ApplicationError.AlreadyLoaded(spec.name());
    }
    for (String included : spec.includedApplications()) {
      if (!loaded.containsKey(included)) {
        return new ApplicationError.NotLoaded(spec.name(), included);
      }
      for (LoadedApplication other : loaded.values()) {
        if (other.spec.includedApplications().contains(included)) {
          return new ApplicationError.AlreadyIncluded(spec.name(), included, other.name());
        }
      }
    }
    loaded.put(spec.name(), new LoadedApplication(spec));
    return null;
  }

  void remove(String name) {
    loaded.remove(name);
  }

  void began(LoadedApplication application, Pid master) {
    masters.put(master, application);
  }

  void ended(Pid master) {
    masters.remove(master);
  }

  void runs(LoadedApplication application) {
    started.put(application.name(), application);
  }

  void runsNot(LoadedApplication application) {
    started.remove(application.name());
  }

  /** Why it cannot be started now, {@code null} if it can. */
  @Nullable ApplicationError whyNot(ApplicationSpec spec) {
    for (String dependency : spec.applications()) {
      LoadedApplication entry = started.get(dependency);
      if (entry == null || entry.status != Status.RUNNING) {
        return new ApplicationError.NotStarted(spec.name(), dependency);
      }
    }
    for (String included : spec.includedApplications()) {
      if (!loaded.containsKey(included)) {
        return new ApplicationError.NotLoaded(spec.name(), included);
      }
    }
    return null;
  }

  /** What it includes, and what that includes, depth first. */
  List<ApplicationSpec> includedBy(ApplicationSpec spec) {
    var included = new ArrayList<ApplicationSpec>();
    addIncluded(spec, included);
    return included;
  }

  private void addIncluded(ApplicationSpec spec, List<ApplicationSpec> found) {
    for (String included : spec.includedApplications()) {
      LoadedApplication entry = loaded.get(included);
      if (entry != null && !found.contains(entry.spec)) {
        found.add(entry.spec);
        addIncluded(entry.spec, found);
      }
    }
  }

  /** In the order in which they were started, then those that were not. */
  List<ApplicationInfo> infos() {
    Set<LoadedApplication> entries = new LinkedHashSet<>(started.values());
    entries.addAll(loaded.values());
    return entries.stream().map(LoadedApplication::info).toList();
  }

  /** What runs or begins to, the one started last first. */
  List<String> toStop() {
    var names = new ArrayList<>(started.keySet());
    loaded.values().stream()
        .filter(entry -> entry.status == Status.STARTING)
        .map(LoadedApplication::name)
        .forEach(names::add);
    return List.copyOf(names.reversed());
  }
}
