package io.otp;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTests {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.otp");

  @Test
  void runtimeKnowsNothingOfSpring() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework..")
        .check(CLASSES);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("io.otp.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void processesKnowNeitherServersNorSupervisors() {
    noClasses()
        .that()
        .resideInAPackage("io.otp.process..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.otp.server..", "io.otp.supervisor..")
        .check(CLASSES);
  }

  @Test
  void serversKnowNoSupervisors() {
    noClasses()
        .that()
        .resideInAPackage("io.otp.server..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.otp.supervisor..")
        .check(CLASSES);
  }
}
