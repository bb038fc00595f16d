package io.otp.snippets;

import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.TestRuntime;
import io.otp.event.EventManagerRef;
import io.otp.event.Handled;
import io.otp.event.Refuse;
import io.otp.snippets.EventSnippets.Sale;
import io.otp.snippets.EventSnippets.Tally;
import io.otp.supervisor.Supervisor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples do what they say. */
class EventSnippetsTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  @Test
  void tally() {
    EventManagerRef<Sale> sales = EventSnippets.start(otp.runtime(), new Tally());
    assertThat(EventSnippets.notifyAndCall(sales)).isEqualTo(600);
    assertThat(EventSnippets.reply(sales)).isEqualTo(600);
    EventSnippets.ids(sales, new Tally());
    assertThat(sales.whichHandlers()).hasSize(1);
    assertThat(EventSnippets.untilTheLast(new Sale("tea", 1, true), 1L))
        .isEqualTo(Handled.remove());
    assertThat(EventSnippets.untilTheLast(new Sale("tea", 1), 1L)).isEqualTo(Handled.ok(2L));
  }

  @Test
  void tree() {
    Supervisor.start(otp.runtime(), EventSnippets.tree(new Tally()));
    assertThat(EventSnippets.notifyAndCall(EventManagerRef.of(otp.runtime(), "sales")))
        .isEqualTo(300);
  }

  @Test
  void readyHandlers() {
    EventManagerRef<Sale> sales = EventSnippets.start(otp.runtime(), new Tally());
    otp.run(
        self -> {
          assertThat(EventSnippets.ready(sales, self.pid()))
              .isEqualTo(List.of(new Sale("tea", 300)));
          assertThat(next(self)).isEqualTo(new Sale("tea", 300));
        });
  }

  @Test
  void refusal() {
    assertThatThrownBy(() -> EventSnippets.refuse(Path.of("/no/such/directory")))
        .isInstanceOf(Refuse.class)
        .hasMessageContaining("not writable");
  }
}
