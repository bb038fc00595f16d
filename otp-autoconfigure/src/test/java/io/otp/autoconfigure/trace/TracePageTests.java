package io.otp.autoconfigure.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.autoconfigure.DocumentationPage;
import io.otp.trace.Trace;
import io.otp.trace.TraceEnd;
import io.otp.trace.TraceLimits;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of Actuator and the stream of traces. */
class TracePageTests {

  private final String page = DocumentationPage.read("actuator.md");

  @Test
  void namesEveryItemAndEnd() {
    assertThat(
            Stream.of(
                    TraceDescriptor.class, TraceDescriptor.End.class, TraceDescriptor.Refusal.class)
                .flatMap(type -> Stream.of(type.getRecordComponents()))
                .map(RecordComponent::getName))
        .allSatisfy(item -> assertThat(page).contains("\"" + item + "\""));
    assertThat(TraceEnd.values())
        .filteredOn(end -> end != TraceEnd.CONSUMER)
        .allSatisfy(end -> assertThat(page).contains("`" + end.name().toLowerCase(Locale.ROOT)));
  }

  @Test
  void saysTheLimits() {
    assertThat(page)
        .contains("| `max` | 100 | events, 1 to 10000 |")
        .contains("| `seconds` | 30 | 1 to 600 |")
        .contains("more than 1,000 events in a second")
        .contains("cut to 200 characters");
    assertThat(TraceStreams.DEFAULT_MAX).isEqualTo(100);
    assertThat(TraceStreams.MOST).isEqualTo(10_000);
    assertThat(TraceStreams.DEFAULT_SECONDS).isEqualTo(30);
    assertThat(TraceStreams.LONGEST).isEqualTo(600);
    assertThat(TraceLimits.DEFAULT.perSecond()).isEqualTo(1_000);
    assertThat(Trace.TEXT).isEqualTo(200);
  }
}
