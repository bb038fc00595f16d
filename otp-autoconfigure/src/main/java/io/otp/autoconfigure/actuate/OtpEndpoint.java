package io.otp.autoconfigure.actuate;

import io.otp.application.ApplicationController;
import io.otp.process.ProcessRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * Endpoint {@code otp}: the node. Reads counters; costs the same however many processes there are.
 */
@Endpoint(id = "otp", defaultAccess = Access.READ_ONLY)
public final class OtpEndpoint {

  private final ProcessRuntime runtime;
  private final ApplicationController applications;
  private final String version = version();

  OtpEndpoint(ProcessRuntime runtime, ApplicationController applications) {
    this.runtime = runtime;
    this.applications = applications;
  }

  /** The node. */
  @ReadOperation
  public NodeDescriptor node() {
    return NodeDescriptor.of(runtime, version, applications.applications());
  }

  /** What Maven wrote into the runtime's jar; from class directories there is none. */
  private static String version() {
    try (InputStream in =
        ProcessRuntime.class.getResourceAsStream(
            "/META-INF/maven/io.otp/otp-runtime/pom.properties")) {
      var properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "development");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
