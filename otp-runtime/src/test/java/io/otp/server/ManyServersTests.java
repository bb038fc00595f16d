package io.otp.server;

import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One bean, 1,000 processes: nothing about any of them lives in the bean. */
class ManyServersTests {

  private static final int PROCESSES = 1_000;

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** An alarm clock: answers late, by timer, and can be told not to. */
  private static final class Alarms
      implements ArgsGenServer<Alarms.Config, Alarms.Message, Alarms.State> {

    record Config(int number, Duration delay) {}

    record State(
        Config config, Pid pid, @Nullable From<String> waiting, @Nullable Ref timer, int rings) {}

    sealed interface Message {}

    /** Answered when the alarm rings. */
    record Wake(String text) implements Message, Call<Message, String> {}

    record Ring(String text) implements Message, Cast<Message> {}

    record Rings() implements Message, Call<Message, Integer> {}

    record Cancel() implements Message, Call<Message, Boolean> {}

    @Override
    public State init(Config config, Self<Message> self) {
      self.label("alarm " + config.number());
      return new State(config, self.pid(), null, null, 0);
    }

    @Override
    public Next<State> handle(Message message, State state, Self<Message> self) {
      assertThat(self.pid()).isSameAs(state.pid());
      return switch (message) {
        case Wake wake -> {
          Ref timer = self.sendAfter(state.config().delay(), new Ring(wake.text()));
          yield Next.noreply(
              new State(state.config(), state.pid(), self.from(wake), timer, state.rings()));
        }
        case Ring(var text) -> {
          if (state.waiting() != null) {
            state.waiting().reply(text + " from " + state.config().number());
          }
          yield Next.noreply(new State(state.config(), state.pid(), null, null, state.rings() + 1));
        }
        case Rings rings -> Next.reply(rings, state.rings(), state);
        case Cancel cancel -> {
          boolean pending = state.timer() != null && self.cancelTimer(state.timer()).isPresent();
          if (pending && state.waiting() != null) {
            state.waiting().reply("cancelled " + state.config().number());
          }
          yield Next.reply(
              cancel, pending, new State(state.config(), state.pid(), null, null, state.rings()));
        }
      };
    }
  }

  @Test
  void replyLateAndSetTimersEachForItself() {
    var random = random("replyLateAndSetTimersEachForItself");
    var bean = new Alarms();
    var servers = new ArrayList<ServerRef<Alarms.Message>>();
    for (int i = 0; i < PROCESSES; i++) {
      servers.add(start(bean, new Alarms.Config(i, Duration.ofMillis(random.nextInt(20)))));
    }
    assertThat(new HashSet<>(servers)).hasSize(PROCESSES);
    for (int round = 1; round <= 3; round++) {
      var calls = new ArrayList<CompletableFuture<String>>();
      for (int i = 0; i < PROCESSES; i++) {
        calls.add(
            servers
                .get(i)
                .callAsync(new Alarms.Wake("round " + round), TestRuntime.LIMIT)
                .toCompletableFuture());
      }
      for (int i = 0; i < PROCESSES; i++) {
        assertThat(TestRuntime.get(calls.get(i), "a ring"))
            .isEqualTo("round " + round + " from " + i);
      }
    }
    for (ServerRef<Alarms.Message> server : servers) {
      assertThat(server.call(new Alarms.Rings())).isEqualTo(3);
    }
  }

  @Test
  void timerThatOneCancelsRingsForTheOthers() {
    var bean = new Alarms();
    var servers = new ArrayList<ServerRef<Alarms.Message>>();
    for (int i = 0; i < PROCESSES; i++) {
      servers.add(
          start(
              bean, new Alarms.Config(i, i % 2 == 0 ? Duration.ofHours(1) : Duration.ofMillis(5))));
    }
    List<CompletableFuture<String>> calls =
        servers.stream()
            .map(s -> s.callAsync(new Alarms.Wake("ring"), TestRuntime.LIMIT).toCompletableFuture())
            .toList();
    for (int i = 0; i < PROCESSES; i += 2) {
      assertThat(servers.get(i).call(new Alarms.Cancel())).isTrue();
    }
    for (int i = 0; i < PROCESSES; i++) {
      assertThat(TestRuntime.get(calls.get(i), "an answer"))
          .isEqualTo((i % 2 == 0 ? "cancelled " : "ring from ") + i);
    }
  }

  @Test
  void endOfSomeConcernsNoOthers() {
    var bean = new Alarms();
    var servers = new ArrayList<ServerRef<Alarms.Message>>();
    for (int i = 0; i < PROCESSES; i++) {
      servers.add(start(bean, new Alarms.Config(i, Duration.ofMillis(5))));
    }
    for (int i = 0; i < PROCESSES; i += 2) {
      otp.runtime().exit(Scripted.pidOf(servers.get(i)), ExitReason.KILL);
    }
    for (int i = 1; i < PROCESSES; i += 2) {
      assertThat(servers.get(i).call(new Alarms.Wake("alive"))).isEqualTo("alive from " + i);
    }
    await("half of them", () -> otp.runtime().stats().processes() == PROCESSES / 2);
  }

  @Test
  void tenThousandAnswerAndEnd() {
    var bean = new Alarms();
    var servers = new ArrayList<ServerRef<Alarms.Message>>();
    for (int i = 0; i < 10_000; i++) {
      servers.add(start(bean, new Alarms.Config(i, Duration.ofMillis(1))));
    }
    var replies = GenServers.multiCall(servers, new Alarms.Wake("now"), TestRuntime.LIMIT);
    assertThat(replies.bad()).isEmpty();
    assertThat(replies.replies().lastEntry().getValue()).isEqualTo("now from 9999");
    servers.forEach(GenServers::stop);
    await("the end of all", () -> otp.runtime().stats().processes() == 0);
    assertThat(otp.reports()).isEmpty();
  }

  private ServerRef<Alarms.Message> start(Alarms bean, Alarms.Config config) {
    return ServerRef.of(
        otp.runtime(),
        Scripted.pidOf(GenServers.start(otp.runtime(), bean, config, StartOptions.NONE)));
  }
}
