package io.otp.autoconfigure.tree;

import io.otp.autoconfigure.OtpProperties;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.core.NativeDetector;
import org.springframework.core.env.Environment;

/**
 * Refuses keys that nobody knows in the groups of {@link OtpProperties}, such as {@code
 * otp.shutdown}. What is right below {@code otp} is left alone: somebody may have one-time
 * passwords.
 */
final class Groups {

  private Groups() {}

  static void check(Environment environment) {
    if (NativeDetector.inNativeImage()) {
      return; // where records cannot be asked for their components; the build has been through this
    }
    for (RecordComponent group : OtpProperties.class.getRecordComponents()) {
      if (group.getType().isRecord()) {
        Key key = Key.of(environment, "otp." + dashed(group.getName()));
        Set<String> known =
            Arrays.stream(group.getType().getRecordComponents())
                .map(component -> dashed(component.getName()))
                .collect(Collectors.toSet());
        key.allow(key.toString(), known);
      }
    }
  }

  private static String dashed(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
