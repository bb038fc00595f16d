package io.otp.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.ExitReason;
import io.otp.store.Mnesia;
import io.otp.store.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class StoreSnippetsTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();
  @TempDir Path data;

  @Test
  void examplesDoWhatTheySay() {
    long score = otp.get(self -> StoreSnippets.dets(self, data));
    assertThat(score).isEqualTo(1);
    assertThat(StoreSnippets.Codecs.USER.shape())
        .isEqualTo("{name:?string,age:int,level:?enum(FREE,PAID),email:?optional(string)}");
    Mnesia mnesia = StoreSnippets.start(otp.runtime(), data);
    mnesia.transaction(
        tx -> {
          tx.write(StoreSnippets.ACCOUNTS, "joe", 150L);
          tx.write(StoreSnippets.ACCOUNTS, "ann", 0L);
          return true;
        });
    assertThat(StoreSnippets.move(mnesia)).isEqualTo(new Outcome.Atomic<>(true));
    assertThat(StoreSnippets.withdraw(mnesia))
        .isEqualTo(new Outcome.Aborted<>(ExitReason.other("no funds")));
    List<Long> ann = mnesia.asyncDirty(d -> d.read(StoreSnippets.ACCOUNTS, "ann"));
    assertThat(ann).containsExactly(100L);
  }
}
