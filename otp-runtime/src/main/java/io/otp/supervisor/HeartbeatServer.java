package io.otp.supervisor;

import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.ProcessSummary;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.ArgsGenServer;
import io.otp.server.BehaviourName;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;

/**
 * The process that watches one child, and ends with it. It is linked to nobody: the child is not to
 * get exit signals of it, nor its supervisor those of a stranger.
 */
@BehaviourName("heartbeat")
final class HeartbeatServer
    implements ArgsGenServer<
        HeartbeatServer.Watched, HeartbeatServer.Beat, HeartbeatServer.Watched> {

  private static final HeartbeatServer INSTANCE = new HeartbeatServer();

  record Watched(Pid pid, String child, Heartbeat heartbeat) {}

  record Beat() implements Cast<Beat> {}

  private HeartbeatServer() {}

  /** Begins to watch a child that has just been started; one that cannot be watched must go. */
  static void watch(Pid child, ChildSpec spec, Heartbeat heartbeat, Self<?> supervisor) {
    try {
      GenServers.start(
          supervisor, INSTANCE, new Watched(child, spec.id(), heartbeat), StartOptions.NONE);
    } catch (RuntimeException e) {
      supervisor.exit(child, ExitReason.KILL);
    }
  }

  @Override
  public Watched init(Watched watched, Self<Beat> self) {
    self.label("heartbeat of " + watched.child());
    self.monitor(watched.pid());
    self.sendAfter(watched.heartbeat().every(), new Beat());
    return watched;
  }

  @Override
  public Next<Watched> handle(Beat message, Watched watched, Self<Beat> self) {
    try {
      Sys.ping(watched.pid(), watched.heartbeat().timeout());
    } catch (CallException.CallTimeoutException e) {
      kill(watched, self);
      return Next.stop(ExitReason.NORMAL, watched);
    } catch (CallException e) {
      return Next.stop(ExitReason.NORMAL, watched); // it has ended by itself
    }
    self.sendAfter(watched.heartbeat().every(), message);
    return Next.noreply(watched);
  }

  private static void kill(Watched watched, Self<Beat> self) {
    String application =
        self.runtime().summary(self.pid()).map(ProcessSummary::application).orElse(null);
    self.runtime()
        .report(
            new HeartbeatReport(
                watched.pid(), watched.child(), application, watched.heartbeat().timeout()));
    ProcLib.kill(
        self,
        watched.pid(),
        new ExitReason.Other(new Heartbeat.Missed(watched.heartbeat().timeout())));
  }

  @Override
  public Next<Watched> handleInfo(Info info, Watched watched, Self<Beat> self) {
    return info instanceof Down ? Next.stop(ExitReason.NORMAL, watched) : Next.noreply(watched);
  }
}
