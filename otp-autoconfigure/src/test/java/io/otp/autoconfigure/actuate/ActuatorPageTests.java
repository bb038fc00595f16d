package io.otp.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.autoconfigure.DocumentationPage;
import java.lang.reflect.RecordComponent;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page of the endpoints and their answers. */
class ActuatorPageTests {

  private final String page = DocumentationPage.read("actuator.md");

  @ParameterizedTest
  @ValueSource(
      classes = {
        NodeDescriptor.class,
        NodeDescriptor.Usage.class,
        NodeDescriptor.Schedulers.class,
        NodeDescriptor.Totals.class,
        NodeDescriptor.Application.class,
        ProcessesDescriptor.class,
        ProcessDescriptor.class,
        ProcessDetailDescriptor.class,
        ProcessDetailDescriptor.Bound.class,
        ProcessActions.Done.class,
        SupervisorDescriptor.Trees.class,
        SupervisorDescriptor.class,
        SupervisorDescriptor.Counts.class,
        SupervisorDescriptor.Child.class,
        ApplicationDescriptor.Applications.class,
        ApplicationDescriptor.class,
        OtpReportsEndpoint.ReportsDescriptor.class,
        OtpReportsEndpoint.ReportDescriptor.class,
        TableDescriptor.Tables.class,
        TableDescriptor.class,
        TableDescriptor.Schema.class,
        TableDescriptor.Rows.class,
        TableDescriptor.RowDescriptor.class,
        EndpointRefusal.Body.class
      })
  void namesEveryItem(Class<?> descriptor) {
    assertThat(Stream.of(descriptor.getRecordComponents()).map(RecordComponent::getName))
        .allSatisfy(item -> assertThat(page).containsPattern("\"" + item + "\"|`" + item + "`"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "`limit` | 100 | 1 to 1000",
        "at most 65,536 places",
        "the 33rd",
        "within 500 ms",
        "2 s at most, 10,000 supervisors and 32 levels",
        "cut to 1,000 characters each",
        "the latest 256 cursors"
      })
  void saysTheLimits(String text) {
    assertThat(page).contains(text);
    assertThat(Limit.DEFAULT).isEqualTo(100);
    assertThat(Limit.MAX).isEqualTo(1_000);
    assertThat(ProcessPages.MAX_STEPS).isEqualTo(65_536);
    assertThat(ProcessRanking.MAX_RANKINGS).isEqualTo(32);
    assertThat(OtpTablesEndpoint.MAX_TEXT).isEqualTo(1_000);
    assertThat(TableCursors.MAX).isEqualTo(256);
    assertThat(SupervisorTrees.TIME).hasSeconds(2);
  }
}
