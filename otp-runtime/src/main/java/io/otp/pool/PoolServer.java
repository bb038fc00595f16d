package io.otp.pool;

import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Info;
import io.otp.process.Opaque;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.Init;
import io.otp.server.Next;
import io.otp.server.ServerOptions;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Restart;
import io.otp.supervisor.StartChildResult;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process of a pool. Its workers are temporary children of a supervisor of their own, which is
 * linked to it, and are linked to it too: it learns of their end and ends with them.
 */
final class PoolServer implements ArgsGenServer<PoolServer.Args, PoolMessage, PoolServer.State> {

  static final PoolServer INSTANCE = new PoolServer();

  private PoolServer() {}

  /**
   * @param worker starts one
   */
  record Args(String name, ChildSpec worker, PoolOptions options) {}

  record State(Opaque<PoolBook> book, Pid supervisor) {}

  @Override
  public ServerOptions options() {
    return ServerOptions.DEFAULT.withTrapExits(true);
  }

  @Override
  public State init(Args args, Self<PoolMessage> self) throws Init {
    // The supervisor of a pool that was killed may still be ending its workers: no name for ever.
    String name = args.name() + ":workers" + self.pid();
    StartResult started = Supervisor.startLink(self, SupervisorSpec.dynamic(name));
    if (!(started instanceof StartResult.Started(var supervisor, _))) {
      throw Init.stop(new ExitReason.Other(started));
    }
    return new State(
        Opaque.of(new PoolBook(args.options(), workers(args, supervisor, self))), supervisor);
  }

  private static PoolBook.Workers workers(Args args, Pid supervisor, Self<PoolMessage> self) {
    Supervisor workers = Supervisor.of(self.runtime(), supervisor);
    return new PoolBook.Workers() {
      @Override
      public Pid start() {
        return switch (workers.startChild(args.worker().withRestart(Restart.TEMPORARY))) {
          case StartChildResult.Started(var pid, _) -> {
            self.link(pid);
            yield pid;
          }
          case StartChildResult.Failed(var reason) -> throw new ProcessExit(reason);
          case StartChildResult other -> throw new ProcessExit(new ExitReason.Other(other));
        };
      }

      @Override
      public void dismiss(Pid worker) {
        self.unlink(worker);
        workers.terminateChild(worker);
      }

      @Override
      public @Nullable Ref monitor(From<Optional<Pid>> client) {
        Pid pid = client.pid();
        return pid == null ? null : self.monitor(pid);
      }

      @Override
      public void demonitor(@Nullable Ref monitor) {
        if (monitor != null) {
          self.demonitorFlush(monitor);
        }
      }
    };
  }

  @Override
  public Next<State> handle(PoolMessage message, State state, Self<PoolMessage> self) {
    PoolBook book = state.book().value();
    switch (message) {
      case PoolMessage.Checkout checkout ->
          book.checkout(checkout.ticket(), checkout.block(), self.from(checkout));
      case PoolMessage.Checkin(var worker) -> book.checkin(worker);
      case PoolMessage.Cancel(var ticket) -> book.cancel(ticket);
      case PoolMessage.GetStatus status -> {
        return Next.reply(status, book.status(), state);
      }
    }
    return Next.noreply(state);
  }

  @Override
  public Next<State> handleInfo(Info info, State state, Self<PoolMessage> self) {
    switch (info) {
      case Down(var ref, _, _) -> state.book().value().clientEnded(ref);
      case Exit(var from, var reason) when from == state.supervisor() -> {
        return Next.stop(reason, state);
      }
      case Exit(var from, _) -> state.book().value().workerEnded(from);
      default -> {
        // nobody else sends to it
      }
    }
    return Next.noreply(state);
  }

  /** The supervisor ends its children in order; this waits for that. */
  @Override
  public void terminate(ExitReason reason, State state, Self<PoolMessage> self) {
    Ref end = self.monitor(state.supervisor());
    self.unlink(state.supervisor());
    self.exit(state.supervisor(), ExitReason.SHUTDOWN);
    self.receive(
        message ->
            message instanceof Down down && down.ref() == end
                ? Receive.take(down)
                : Receive.skip());
  }
}
