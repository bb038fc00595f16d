package io.otp.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.table.EtsTable;
import io.otp.table.TableSpec;
import io.otp.table.Tables;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** By itself: the end of one reactive application closes connections of others in its JVM. */
class OtpTablesValuesTests {

  @Test
  void valuesAreShownOnlyIfToldSo() throws Exception {
    try (TestApplication open =
        TestApplication.reactive("management.endpoint.otptables.show-values=always")) {
      var table = new CompletableFuture<EtsTable<String, String>>();
      open.runtime()
          .spawn(
              self -> {
                EtsTable<String, String> t =
                    Tables.create(self, TableSpec.set("t", String.class, String.class));
                t.insert("long", "x".repeat(5_000));
                table.complete(t);
                self.receive();
              });
      OtpTablesEndpointTests.Page page =
          OtpTablesEndpointTests.rows(open, "ets:" + table.get(30, TimeUnit.SECONDS).id(), "");
      assertThat(page.rows().getFirst())
          .containsEntry("key", "long")
          .containsEntry("value", "x".repeat(1_000) + "…");
      assertThat(page.next()).isNull();
    }
  }
}
