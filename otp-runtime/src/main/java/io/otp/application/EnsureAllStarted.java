package io.otp.application;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts an application after what it needs: {@code application:ensure_all_started/2}. */
final class EnsureAllStarted {

  private final ApplicationController applications;
  private final ApplicationType type;

  /** What this has started, in order. */
  private final List<String> started = new ArrayList<>();

  /** From the application that was asked for to the one that is looked at. */
  private final List<String> path = new ArrayList<>();

  EnsureAllStarted(ApplicationController applications, ApplicationType type) {
    this.applications = applications;
    this.type = type;
  }

  /** If one fails, those that this has started are stopped again. */
  AllStarted run(String application) {
    ApplicationError error = ensure(application);
    if (error == null) {
      return new AllStarted.Started(started);
    }
    started.reversed().forEach(applications::stop);
    return new AllStarted.Failed(error);
  }

  private @Nullable ApplicationError ensure(String name) {
    if (path.contains(name)) {
      return new ApplicationError.Circular(name, path.subList(path.indexOf(name), path.size()));
    }
    ApplicationInfo info = applications.info(name).orElse(null);
    if (info == null) {
      return new ApplicationError.NotLoaded(path.isEmpty() ? name : path.getLast(), name);
    }
    if (info.running()) {
      return null;
    }
    path.add(name);
    var dependencies = new ArrayList<>(info.spec().applications());
    info.spec().optionalApplications().stream()
        .filter(optional -> applications.info(optional).isPresent())
        .forEach(dependencies::add);
    for (String dependency : dependencies) {
      ApplicationError error = ensure(dependency);
      if (error != null) {
        return error;
      }
    }
    path.removeLast();
    ApplicationError error = applications.start(name, type).orElse(null);
    if (error == null) {
      started.add(name);
    }
    return error instanceof ApplicationError.AlreadyStarted ? null : error;
  }
}
