package io.otp.differential;

import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.tuple;

import io.otp.Rule;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Report;
import io.otp.process.ReportHandler;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.server.GenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Who reports which end, as in Erlang: {@code diff_report.erl}. */
class ReportDifferentialTests extends DifferentialTests {

  private static final ExitReason BOOM = ExitReason.other("boom");
  private static final String NAME = "diff_report";

  @TestFactory
  @Rule("13.06")
  Stream<DynamicTest> reportsAreThoseOfErlang() {
    return compare();
  }

  @Override
  String suite() {
    return "report";
  }

  sealed interface Message {}

  record Stop(ExitReason reason) implements Message, Cast<Message> {}

  record Crash() implements Message, Cast<Message> {}

  record Leave(ExitReason reason) implements Message, Cast<Message> {}

  record Hello() implements Message, Call<Message, String> {}

  /** Starts as {@code beginning} says. */
  private record Server(Runnable beginning) implements GenServer<Message, String> {
    @Override
    public String init(NoArgs args, Self<Message> self) {
      beginning.run();
      return "state";
    }

    @Override
    public Next<String> handle(Message message, String state, Self<Message> self) {
      return switch (message) {
        case Stop(var reason) -> Next.stop(reason, state);
        case Crash() -> throw new IllegalStateException("bad");
        case Leave(var reason) -> throw new ProcessExit(reason);
        case Hello hello -> Next.reply(hello, "ok", state);
      };
    }
  }

  /** Leaves by an exit, which it has not reported itself. */
  private static final class ExitsAtOnce extends EndsAtOnce {
    private final ExitReason reason;

    ExitsAtOnce(ExitReason reason) {
      super(reason);
      this.reason = reason;
    }

    @Override
    protected ExitReason init(Self<Object> self) {
      throw new ProcessExit(reason);
    }
  }

  private static void start(Self<Object> self, Runnable beginning) {
    GenServers.start(self, new Server(beginning), NoArgs.NO_ARGS, StartOptions.named(NAME));
  }

  private static Pid server(Self<Object> self) {
    start(self, () -> {});
    return self.runtime().whereis(NAME).orElseThrow();
  }

  /** What was told while the process ended. */
  private static List<Object> toldAtEndOf(Self<Object> self, Supplier<Optional<Pid>> process) {
    var reports = new CopyOnWriteArrayList<Report>();
    ReportHandler handler = reports::add;
    self.runtime().addReportHandler(handler);
    process.get().ifPresent(pid -> ended(self, pid));
    self.runtime().removeReportHandler(handler);
    return reports.stream().map(ReportDifferentialTests::told).toList();
  }

  private static Object told(Report report) {
    String[] label = report.label().split(",");
    return tuple(label[0], label[1], report.level().name().toLowerCase(Locale.ROOT));
  }

  @Override
  void scenarios() {
    scenario(
        "report_server_ends",
        (self, trace) -> {
          var messages =
              List.of(
                  Map.entry("normal", new Stop(ExitReason.NORMAL)),
                  Map.entry("shutdown", new Stop(ExitReason.SHUTDOWN)),
                  Map.entry("shutdown_x", new Stop(new ExitReason.ShutdownWith("x"))),
                  Map.entry("boom", new Stop(BOOM)),
                  Map.entry("crash", new Crash()),
                  Map.entry("exits", new Leave(BOOM)));
          messages.forEach(
              message ->
                  trace.ev(
                      message.getKey(),
                      toldAtEndOf(
                          self,
                          () -> {
                            Pid pid = server(self);
                            self.runtime().cast(self.runtime().address(NAME), message.getValue());
                            return Optional.of(pid);
                          })));
          for (ExitReason signal : List.of(ExitReason.KILL, BOOM)) {
            trace.ev(
                signal + "_signal",
                toldAtEndOf(
                    self,
                    () -> {
                      Pid pid = server(self);
                      self.exit(pid, signal);
                      return Optional.of(pid);
                    }));
          }
        });
    scenario(
        "report_server_fails_in_init",
        (self, trace) -> {
          for (ExitReason reason : List.of(ExitReason.NORMAL, ExitReason.SHUTDOWN, BOOM)) {
            trace.ev(
                reason.toString(),
                toldAtEndOf(
                    self,
                    () -> {
                      start(
                          self,
                          () -> {
                            throw Init.stop(reason);
                          });
                      return Optional.empty();
                    }));
          }
          trace.ev(
              "crash",
              toldAtEndOf(
                  self,
                  () -> {
                    start(
                        self,
                        () -> {
                          throw new IllegalStateException("bad");
                        });
                    return Optional.empty();
                  }));
        });
    scenario(
        "report_raw_process_ends",
        (self, trace) -> {
          raw(self, trace, "returns", s -> {});
          raw(
              self,
              trace,
              "exits",
              s -> {
                throw new ProcessExit(BOOM);
              });
          raw(
              self,
              trace,
              "crashes",
              s -> {
                throw new IllegalStateException("bad");
              });
          raw(self, trace, "throws", s -> ReportDifferentialTests.<RuntimeException>ball());
          raw(self, trace, "kills_itself", s -> s.exit(s.pid(), ExitReason.KILL));
        });
    scenario(
        "report_behaviour_ends",
        (self, trace) -> {
          for (ExitReason reason :
              List.of(
                  ExitReason.NORMAL, ExitReason.SHUTDOWN, new ExitReason.ShutdownWith("x"), BOOM)) {
            trace.ev(
                reason instanceof ExitReason.ShutdownWith ? "shutdown_x" : reason.toString(),
                toldAtEndOf(
                    self,
                    () ->
                        Optional.of(self.spawn(new ExitsAtOnce(reason), SpawnOptions.NONE).pid())));
          }
        });
    scenario(
        "report_unknown_message",
        (self, trace) ->
            trace.ev(
                "told",
                toldAtEndOf(
                    self,
                    () -> {
                      self.send(server(self), "unknown");
                      ServerRef.<Message>of(self.runtime(), NAME).call(new Hello());
                      return Optional.empty();
                    })));
  }

  private static void raw(
      Self<Object> self, Trace trace, String name, Consumer<Self<Object>> body) {
    trace.ev(name, toldAtEndOf(self, () -> Optional.of(self.spawn(body))));
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void ball() throws E {
    throw (E) new Exception("ball");
  }
}
