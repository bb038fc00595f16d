package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;

/**
 * An application whose bean definitions have been made code by {@code spring-boot:process-aot}, as
 * for a native image. References to servers are not among them: they are defined at start, from the
 * configuration there is then.
 */
@Timeout(600)
class AheadOfTimeTests {

  private static final List<String> TREE =
      List.of(
          ChildJvm.NO_RESTART,
          "-Dspring.main.web-application-type=none",
          "-Dotp.supervisors.payments.children[0].id=ledger",
          "-Dotp.supervisors.payments.children[0].server=ledger",
          "-Dotp.supervisors.payments.children[1].id=room",
          "-Dotp.supervisors.payments.children[1].dynamic.server=room");

  @Test
  void startsFromGeneratedCode(@TempDir Path dir) throws Exception {
    Path sources = dir.resolve("sources");
    Path classes = dir.resolve("classes");
    ChildJvm processing =
        ChildJvm.run(
            ChildJvm.classPath(),
            TREE,
            SpringApplicationAotProcessor.class,
            AheadOfTimeApplication.class.getName(),
            sources.toString(),
            dir.resolve("resources").toString(),
            classes.toString(),
            "io.otp",
            "aot");
    assertThat(processing.exitCode()).as(processing.output()).isZero();
    compile(sources, classes);
    var options = new ArrayList<>(TREE);
    options.add("-Dspring.aot.enabled=true");
    ChildJvm run =
        ChildJvm.run(
            classes + File.pathSeparator + ChildJvm.classPath(),
            options,
            AheadOfTimeApplication.class);
    assertThat(run.output()).contains("Starting AOT-processed", "balance 5", "topic talk");
    assertThat(run.exitCode()).isZero();
    options.add("-Dorg.graalvm.nativeimage.imagecode=runtime"); // which is how Spring tells
    ChildJvm image =
        ChildJvm.run(
            classes + File.pathSeparator + ChildJvm.classPath(),
            options,
            AheadOfTimeApplication.class);
    assertThat(image.output())
        .contains(
            "This is a native image, in which OTP for Spring Boot is not tested; live upgrade of"
                + " modules is not available in one",
            "balance 5");
    assertThat(image.exitCode()).isZero();
  }

  private static void compile(Path sources, Path classes) throws IOException {
    var arguments =
        new ArrayList<>(
            List.of(
                "-proc:none", "-nowarn", "-cp", ChildJvm.classPath(), "-d", classes.toString()));
    try (Stream<Path> files = Files.walk(sources)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .map(Path::toString)
          .forEach(arguments::add);
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).isZero();
  }
}
