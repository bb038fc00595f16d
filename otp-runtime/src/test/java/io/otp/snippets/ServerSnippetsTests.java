package io.otp.snippets;

import static io.otp.TestRuntime.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.Pid;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.RequestId.Answer;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.snippets.ServerSnippets.Asking;
import io.otp.snippets.ServerSnippets.Gateway;
import io.otp.snippets.ServerSnippets.Importing;
import io.otp.snippets.ServerSnippets.Ledger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples do what they say. */
class ServerSnippetsTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private <A, M> ServerRef<M> start(ArgsGenServer<A, M, ?> server, A args) {
    StartResult result = GenServers.start(otp.runtime(), server, args, StartOptions.NONE);
    assertThat(result).isInstanceOf(StartResult.Started.class);
    Pid pid = ((StartResult.Started) result).pid();
    return ServerRef.of(otp.runtime(), pid);
  }

  @Test
  void ledger() {
    assertThat(ServerSnippets.castAndCall(start(new Ledger(), NoArgs.NO_ARGS))).isEqualTo(500);
    otp.run(self -> ServerSnippets.startAndStop(self, new Ledger()));
    assertThat(otp.runtime().whereis("ledger")).isEmpty();
  }

  @Test
  void nextIsAValue() {
    otp.run(
        self -> {
          @SuppressWarnings("unchecked") // a ledger sends nothing
          var mine = (io.otp.process.Self<Ledger.Message>) (io.otp.process.Self<?>) self;
          assertThat(new Ledger().handle(new Ledger.Balance("joe"), Map.of("joe", 500L), mine))
              .isEqualTo(Next.reply(new Ledger.Balance("joe"), 500L, Map.of("joe", 500L)));
        });
  }

  @Test
  void importing() {
    ServerRef<Importing.Message> importing = start(new Importing(), NoArgs.NO_ARGS);
    importing.cast(new Importing.Import("file"));
    assertThat(importing.call(new Importing.Balance("joe"))).isZero();
    assertThat(importing.call(new Importing.Close())).isEqualTo(Call.Ok.OK);
  }

  @Test
  void requests() {
    ServerRef<Ledger.Message> ledger = start(new Ledger(), NoArgs.NO_ARGS);
    ledger.cast(new Ledger.Deposit("joe", 500));
    otp.run(
        self ->
            assertThat(ServerSnippets.request(self, ledger)).contains(new Answer.Reply<>(500L)));
    otp.run(
        self ->
            assertThat(ServerSnippets.requests(self, ledger, List.of("joe", "jane")))
                .isEqualTo(
                    Map.of("joe", new Answer.Reply<>(500L), "jane", new Answer.Reply<>(0L))));
    ServerRef<Asking.Message> asking = start(new Asking(), ledger);
    TestRuntime.await("the response", () -> asking.call(new Asking.Seen()).equals("500 cents"));
  }

  @Test
  void gateway() {
    assertThat(
            GenServers.start(
                otp.runtime(), new Gateway(), new Gateway.Config(false), StartOptions.NONE))
        .isEqualTo(new StartResult.Ignored());
    ServerRef<Gateway.Message> gateway = start(new Gateway(), new Gateway.Config(true));
    var page = gateway.callAsync(new Gateway.Fetch("url"), LIMIT).toCompletableFuture();
    gateway.cast(new Gateway.Fetched("page"));
    assertThat(TestRuntime.get(page, "the page")).isEqualTo("page");
    GenServers.stop(gateway);
  }
}
