package io.otp.supervisor;

import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.ProcessSummary;
import io.otp.process.Receive;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.ArgsGenServer;
import io.otp.server.BehaviourName;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.Next;
import io.otp.server.StartResult;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The process that watches one child, and ends with it. It is linked to nobody: the child is not to
 * get exit signals of it, nor its supervisor those of a stranger.
 */
@BehaviourName(Heartbeat.BEHAVIOUR)
final class HeartbeatServer
    implements ArgsGenServer<
        HeartbeatServer.Watched, HeartbeatServer.Beat, HeartbeatServer.Watched> {

  private static final HeartbeatServer INSTANCE = new HeartbeatServer();

  record Watched(Pid pid, String child, Heartbeat heartbeat) {}

  record Beat() implements Cast<Beat> {}

  /** The child is being stopped, for which it has its own time. */
  private record Leave() {}

  private HeartbeatServer() {}

  /**
   * Begins to watch a child that has just been started; one that cannot be watched must go.
   *
   * @return what watches it, {@code null} if nothing does
   */
  static @Nullable Pid watch(Pid child, ChildSpec spec, Heartbeat heartbeat, Self<?> supervisor) {
    try {
      StartResult started =
          GenServers.start(
              supervisor, INSTANCE, new Watched(child, spec.id(), heartbeat), StartOptions.NONE);
      if (started instanceof StartResult.Started(var pid, _)) {
        return pid;
      }
    } catch (RuntimeException e) {
      // as below
    }
    supervisor.exit(child, ExitReason.KILL);
    return null;
  }

  /**
   * Has one that watches leave the child alone, which its supervisor is about to stop: that has the
   * time of its {@link Shutdown}, and does not answer while it cleans up.
   */
  static void leave(Pid heartbeat, Self<?> supervisor) {
    supervisor.send(heartbeat, new Leave());
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
      if (!isToLeave(self)) {
        kill(watched, self);
      }
      return Next.stop(ExitReason.NORMAL, watched);
    } catch (CallException e) {
      return Next.stop(ExitReason.NORMAL, watched); // it has ended by itself
    }
    self.sendAfter(watched.heartbeat().every(), message);
    return Next.noreply(watched);
  }

  private static boolean isToLeave(Self<Beat> self) {
    return self.receive(
            Duration.ZERO,
            message -> message instanceof Leave ? Receive.take(true) : Receive.skip())
        .isPresent();
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
    boolean over = info instanceof Down || info instanceof Info.Message(Leave _);
    return over ? Next.stop(ExitReason.NORMAL, watched) : Next.noreply(watched);
  }
}
