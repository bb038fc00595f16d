package io.otp.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

class StoreArchitectureTests {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.otp.store", "io.otp.table");

  @Test
  void storesKnowTablesAndProcessesOnly() {
    noClasses()
        .that()
        .resideInAPackage("io.otp.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "io.otp.server..",
            "io.otp.statem..",
            "io.otp.supervisor..",
            "io.otp.event..")
        .check(CLASSES);
  }

  @Test
  void tablesKnowNoStores() {
    noClasses()
        .that()
        .resideInAPackage("io.otp.table..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.otp.store..")
        .check(CLASSES);
  }

  /** What a file says makes no object of a class of its choice. */
  @Test
  void nothingIsSerializedByJava() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ObjectInputStream.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(ObjectOutputStream.class)
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("org.h2.mvstore.type.ObjectDataType")
        .orShould()
        .callMethod(Class.class, "forName", String.class)
        .check(CLASSES);
  }
}
