package io.otp.autoconfigure.tree;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.core.env.MapPropertySource;

/** A real application with the properties of a test. */
final class TestApplication {

  private TestApplication() {}

  /**
   * Not started yet.
   *
   * @param properties {@code name=value}, kept in their order as a file's are; arguments of a
   *     command line are not
   */
  static SpringApplication of(Class<?>[] sources, String... properties) {
    var application = new SpringApplication(sources);
    application.setWebApplicationType(WebApplicationType.NONE);
    Map<String, Object> ordered = new LinkedHashMap<>();
    Stream.of(properties)
        .map(property -> property.split("=", 2))
        .forEach(p -> ordered.put(p[0], p[1]));
    application.addInitializers(
        context ->
            context
                .getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("test", ordered)));
    return application;
  }
}
