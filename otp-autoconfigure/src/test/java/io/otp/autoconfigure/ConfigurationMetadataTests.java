package io.otp.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/** What an editor shows of our properties. */
class ConfigurationMetadataTests {

  private final Map<String, Map<String, Object>> properties = read();

  @SuppressWarnings("unchecked")
  private static Map<String, Map<String, Object>> read() {
    try {
      Path classes =
          Path.of(OtpProperties.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      String json =
          Files.readString(classes.resolve("META-INF/spring-configuration-metadata.json"));
      var all =
          (List<Map<String, Object>>)
              JsonParserFactory.getJsonParser().parseMap(json).get("properties");
      return all.stream()
          .collect(
              Collectors.toMap(property -> (String) property.get("name"), Function.identity()));
    } catch (IOException | java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Stream<String> names(String prefix, Class<?> group) {
    return Stream.of(group.getRecordComponents())
        .flatMap(
            component ->
                component.getType().isRecord()
                    ? names(prefix + "." + dashed(component), component.getType())
                    : Stream.of(prefix + "." + dashed(component)));
  }

  private static String dashed(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  @Test
  void everyPropertyIsThere() {
    assertThat(properties.keySet()).containsAll(names("otp", OtpProperties.class).toList());
  }

  @Test
  void everyPropertyHasADescription() {
    assertThat(properties.values())
        .allSatisfy(
            property ->
                assertThat((String) property.get("description"))
                    .as("description of " + property.get("name"))
                    .isNotBlank()
                    .endsWith("."));
  }

  @Test
  void treesAreThere() {
    for (String name : List.of("otp.supervisors", "otp.applications", "otp.regulators")) {
      assertThat(properties.get(name))
          .containsEntry("type", "java.util.Map<java.lang.String,java.lang.Object>")
          .containsKey("description");
    }
  }

  @Test
  void defaultsAreShown() {
    assertThat(properties.get("otp.max-processes")).containsEntry("defaultValue", 1_048_576);
    assertThat(properties.get("otp.messages.immutability")).containsEntry("defaultValue", "refuse");
    assertThat(properties.get("otp.shutdown.drain-timeout")).containsEntry("defaultValue", "5s");
  }

  /** The page of configuration has them too. */
  @Test
  void everyPropertyIsDocumented() {
    String text = DocumentationPage.read("configuration.md");
    assertThat(properties.keySet())
        .allSatisfy(
            name ->
                assertThat(text)
                    .contains(
                        name.equals("otp.supervisors")
                            ? "supervisors:"
                            : name.equals("otp.applications")
                                ? "applications:"
                                : name.equals("otp.regulators")
                                    ? "regulators:"
                                    : "`" + name + "`"));
  }
}
