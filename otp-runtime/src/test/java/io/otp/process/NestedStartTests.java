package io.otp.process;

import static io.otp.TestRuntime.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A process that starts another and waits for it: what each has in thread locals is its own. */
class NestedStartTests {

  private static final ThreadLocal<@Nullable String> LOCAL = new ThreadLocal<>();

  @RegisterExtension
  final TestRuntime otp =
      new TestRuntime(builder -> builder.schedulers(1).afterActivation(LOCAL::remove));

  @Test
  void threadLocalsOfTheStarterAreItsOwn() {
    var seen = new ConcurrentLinkedQueue<String>();
    var child =
        new TestBehaviour(
            TestBehaviour.newModule(),
            _ -> {
              seen.add("child " + LOCAL.get());
              LOCAL.set("of the child");
              return null;
            });
    var started =
        new TestBehaviour.Ask(
            (request, _) -> {
              request.reply("started");
              return null;
            });
    Pid parent = otp.runtime().spawn(new TestBehaviour(), SpawnOptions.NONE);
    otp.runtime()
        .send(
            parent,
            TestBehaviour.run(
                self -> {
                  LOCAL.set("of the parent");
                  ProcLib.start(self, child, SpawnOptions.NONE, started, null);
                  seen.add("parent " + LOCAL.get());
                }));
    await("both", () -> seen.size() == 2);
    assertThat(seen).containsExactly("child null", "parent of the parent");
  }
}
