package io.otp.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.snippets.TableSnippets.Hits;
import io.otp.snippets.TableSnippets.User;
import io.otp.table.EtsTable;
import io.otp.table.Row;
import io.otp.table.TableSpec;
import io.otp.table.TableTransfer;
import io.otp.table.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples do what they say. */
class TableSnippetsTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  @Test
  void examples() {
    otp.run(
        self -> {
          assertThat(TableSnippets.scores(self)).isEqualTo(3);
          assertThat(TableSnippets.users(self))
              .containsExactly(Row.of("joe", new User("Joe", 30, "Oslo")));
          EtsTable<String, Hits> hits =
              Tables.create(self, TableSpec.set("hits", String.class, Hits.class));
          hits.insert("home", new Hits(4, "home"));
          assertThat(TableSnippets.hits(hits)).isEqualTo(5);
          TableSnippets.emptied(hits);
          assertThat(hits.size()).isZero();
          EtsTable<String, User> users = Tables.of(self.runtime()).find(TableSnippets.USERS);
          assertThat(TableSnippets.received(new TableTransfer(users, self.pid(), null)))
              .isSameAs(users);
        });
  }
}
