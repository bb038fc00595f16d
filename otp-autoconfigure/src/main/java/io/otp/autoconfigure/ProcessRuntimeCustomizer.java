package io.otp.autoconfigure;

import io.otp.process.ProcessRuntime;

/** Changes the runtime's builder after the properties have been applied. */
@FunctionalInterface
public interface ProcessRuntimeCustomizer {

  /** Customizes {@code builder}. */
  void customize(ProcessRuntime.Builder builder);
}
