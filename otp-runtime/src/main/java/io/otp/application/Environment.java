package io.otp.application;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The environments of all applications of a node, and the configuration that goes before what their
 * specs say. Any thread; guarded by this. A value that is set at run time is there until the
 * application is unloaded or the configuration changes; a persistent one is written into the
 * configuration too, where the next load finds it.
 */
final class Environment {

  private final Map<String, Map<String, Object>> values = new LinkedHashMap<>();
  private Map<String, Map<String, Object>> configuration = new LinkedHashMap<>();
  private Map<String, Map<String, Object>> commandLine = Map.of();

  synchronized Optional<Object> get(String application, String key) {
    return Optional.ofNullable(values.getOrDefault(application, Map.of()).get(key));
  }

  synchronized Map<String, Object> all(String application) {
    return Map.copyOf(values.getOrDefault(application, Map.of()));
  }

  synchronized void set(String application, String key, Object value, boolean persistent) {
    of(values, application).put(key, value);
    if (persistent) {
      of(configuration, application).put(key, value);
    }
  }

  synchronized void unset(String application, String key, boolean persistent) {
    of(values, application).remove(key);
    if (persistent) {
      of(configuration, application).remove(key);
    }
  }

  /** Later files go before earlier ones, the command line before all. */
  synchronized void configure(
      List<Map<String, Map<String, Object>>> files, Map<String, Map<String, Object>> commandLine) {
    configuration = new LinkedHashMap<>();
    for (Map<String, Map<String, Object>> file : files) {
      file.forEach((application, entries) -> of(configuration, application).putAll(entries));
    }
    this.commandLine = Map.copyOf(commandLine);
  }

  /**
   * What is set of an application that is not loaded yet stays, unless something says otherwise.
   */
  synchronized void load(ApplicationSpec spec) {
    Map<String, Object> loaded = of(values, spec.name());
    loaded.putAll(spec.environment());
    loaded.putAll(configuration.getOrDefault(spec.name(), Map.of()));
    loaded.putAll(commandLine.getOrDefault(spec.name(), Map.of()));
  }

  synchronized void reload(ApplicationSpec spec) {
    values.remove(spec.name());
    load(spec);
  }

  synchronized void unload(String application) {
    values.remove(application);
  }

  private static Map<String, Object> of(Map<String, Map<String, Object>> map, String application) {
    return map.computeIfAbsent(application, _ -> new LinkedHashMap<>());
  }
}
