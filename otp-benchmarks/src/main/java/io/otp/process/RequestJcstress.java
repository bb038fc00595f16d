package io.otp.process;

import static io.otp.process.StressedProcesses.behaviour;
import static io.otp.process.StressedProcesses.deferred;
import static io.otp.process.StressedProcesses.dying;
import static io.otp.process.StressedProcesses.holds;
import static io.otp.process.StressedProcesses.immortal;
import static io.otp.process.StressedProcesses.mortal;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** R1 and R2 of {@link Request}. */
public class RequestJcstress {

  private static Request request() {
    return new Request.Blocking("request", null);
  }

  private static int one(boolean yes) {
    return yes ? 1 : 0;
  }

  /** R1. */
  @JCStressTest
  @Outcome(
      id = "1, 0, 1",
      expect = ACCEPTABLE,
      desc = "the reply was quicker, and the caller has it")
  @Outcome(
      id = "0, 1, 0",
      expect = ACCEPTABLE,
      desc = "the caller has given up, and the late reply vanishes")
  @Outcome(expect = FORBIDDEN, desc = "both, or neither, decided the call")
  @State
  public static class ReplyMeetsTimeout {
    private final Request request = request();

    @Actor
    public void server(III_Result r) {
      r.r1 = one(request.reply("reply"));
    }

    @Actor
    public void caller(III_Result r) {
      r.r2 = one(request.giveUp());
    }

    @Arbiter
    public void outcome(III_Result r) {
      r.r3 = one("reply".equals(request.outcome()));
    }
  }

  /** R1. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = ACCEPTABLE,
      desc = "one of both")
  @Outcome(expect = FORBIDDEN, desc = "both, or neither, decided the call")
  @State
  public static class ReplyMeetsFailure {
    private final Request request = request();

    @Actor
    public void server(II_Result r) {
      r.r1 = one(request.reply("reply"));
    }

    @Actor
    public void death(II_Result r) {
      r.r2 = one(request.fail(ExitReason.KILLED));
    }
  }

  /** A server puts its reply off while another process replies. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "the server has forgotten the request")
  @Outcome(expect = FORBIDDEN, desc = "the server keeps a request that is decided for ever")
  @State
  public static class DeferMeetsReply {
    private final Process server = immortal(behaviour());
    private final Request request = request();

    public DeferMeetsReply() {
      server.push(request);
    }

    @Actor
    public void server() {
      StressedProcesses.run(server);
    }

    @Actor
    public void replier() {
      request.reply("reply");
    }

    @Arbiter
    public void kept(I_Result r) {
      r.r1 = deferred(server);
    }
  }

  /** The same with a caller that gives up. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "the server has forgotten the request")
  @Outcome(expect = FORBIDDEN, desc = "the server keeps a request that is decided for ever")
  @State
  public static class DeferMeetsTimeout {
    private final Process server = immortal(behaviour());
    private final Request request = request();

    public DeferMeetsTimeout() {
      server.push(request);
    }

    @Actor
    public void server() {
      StressedProcesses.run(server);
    }

    @Actor
    public void caller() {
      request.giveUp();
    }

    @Arbiter
    public void kept(I_Result r) {
      r.r1 = deferred(server);
    }
  }

  /** R2: a server that puts its reply off is killed. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "the caller is told")
  @Outcome(expect = FORBIDDEN, desc = "the caller would wait for ever")
  @State
  public static class DeferMeetsDeath {
    private final Process server = mortal(behaviour());
    private final Request request = request();

    public DeferMeetsDeath() {
      server.push(request);
    }

    @Actor
    public void server() {
      StressedProcesses.run(server);
    }

    @Actor
    public void killer() {
      server.terminate(ExitReason.KILLED);
    }

    @Arbiter
    public void told(I_Result r) {
      r.r1 = one(holds(request::isDecided));
    }
  }

  /** R2: a call to a server that is just ending. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "the caller is told")
  @Outcome(expect = FORBIDDEN, desc = "the caller would wait for ever")
  @State
  public static class CallMeetsDeath {
    private final Process server = dying();
    private final Request request = request();

    @Actor
    public void server() {
      StressedProcesses.run(server);
    }

    @Actor
    public void caller() {
      server.deliver(request, null);
    }

    @Arbiter
    public void told(I_Result r) {
      r.r1 = one(request.isDecided());
    }
  }
}
