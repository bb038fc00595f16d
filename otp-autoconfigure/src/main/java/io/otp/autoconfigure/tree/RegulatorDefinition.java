package io.otp.autoconfigure.tree;

import io.otp.load.RegulatorOptions;
import java.time.Duration;
import java.util.List;

/**
 * A regulator that configuration declares.
 *
 * @param name its name, also the registered one
 * @param options what it admits
 * @param paths the patterns of the web requests that ask it; empty if none does
 * @param timeout how long a web request waits for it
 * @param key where it was read, for texts
 */
public record RegulatorDefinition(
    String name, RegulatorOptions options, List<String> paths, Duration timeout, String key) {}
