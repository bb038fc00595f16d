package io.otp.autoconfigure.actuate;

import io.otp.autoconfigure.report.BoundedText;
import io.otp.process.CallException;
import io.otp.process.Pid;
import io.otp.process.ProcessInfo;
import io.otp.process.ProcessRuntime;
import io.otp.process.Sys;
import io.otp.process.SysException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/** Endpoint {@code otpprocesses}: the processes, one of them, and what may be done to it. */
@Endpoint(id = "otpprocesses", defaultAccess = Access.READ_ONLY)
public final class OtpProcessesEndpoint {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String MASKED = "******";
  private static final int MAX_STATE = 10_000;

  private final ProcessRuntime runtime;
  private final Show showState;
  private final ProcessPages pages;
  private final ProcessRanking ranking;
  private final ProcessActions actions;

  OtpProcessesEndpoint(ProcessRuntime runtime, Show showState) {
    this.runtime = runtime;
    this.showState = showState;
    this.pages = new ProcessPages(runtime);
    this.ranking = new ProcessRanking(runtime, PATIENCE);
    this.actions = new ProcessActions(runtime);
  }

  /**
   * A page of the processes in no order, or the top of a ranking.
   *
   * @param name only those with this name, or whose name begins so where it ends with {@code *}
   * @param behaviour only those of this callback module or OTP behaviour
   * @param application only those of this application
   * @param sort mailbox, reductions or age: those that have most, first; without pages
   * @param limit how many at most
   * @param cursor the {@code next} of the page before
   */
  @ReadOperation
  public ProcessesDescriptor processes(
      @Nullable String name,
      @Nullable String behaviour,
      @Nullable String application,
      @Nullable String sort,
      @Nullable String limit,
      @Nullable String cursor) {
    var filter = new ProcessFilter(name, behaviour, application);
    int max = Limit.of(limit);
    if (sort == null || sort.isEmpty()) {
      return pages.page(filter, max, cursor);
    }
    if (cursor != null) {
      throw new EndpointRefusal(
          EndpointRefusal.BAD_REQUEST,
          "cursor=" + cursor + " is not allowed with sort: a ranking has no pages; raise limit");
    }
    return ProcessesDescriptor.of(ranking.top(by(sort), filter, max), null);
  }

  private static ProcessRanking.By by(String sort) {
    return Arrays.stream(ProcessRanking.By.values())
        .filter(by -> by.name().toLowerCase(Locale.ROOT).equals(sort))
        .findAny()
        .orElseThrow(
            () ->
                new EndpointRefusal(
                    EndpointRefusal.BAD_REQUEST,
                    "sort=" + sort + " is not allowed; it must be mailbox, reductions or age"));
  }

  /** All that is known of a process. */
  @ReadOperation
  public ProcessDetailDescriptor process(@Selector String pid) {
    return process(pid, showState.isShown(false));
  }

  ProcessDetailDescriptor process(String text, boolean withState) {
    Pid pid = require(text);
    ProcessInfo info = runtime.info(pid, Limit.MAX).orElseThrow(() -> unknown(text));
    boolean raw = info.summary().behaviour().equals("raw");
    return ProcessDetailDescriptor.of(info, raw ? null : withState ? stateOf(pid) : MASKED);
  }

  private static String stateOf(Pid pid) {
    try {
      return BoundedText.of(Sys.getStatus(pid).state(), MAX_STATE);
    } catch (CallException | SysException e) {
      return "unknown: " + e.getMessage();
    }
  }

  /**
   * Does something to a process.
   *
   * @param action exit, kill, suspend or resume
   * @param reason the exit reason, {@code shutdown} by default
   */
  @WriteOperation
  public Object act(@Selector String pid, @Nullable String action, @Nullable String reason) {
    return actions.act(require(pid), action, reason);
  }

  private Pid require(String text) {
    return runtime.findPid(text).orElseThrow(() -> unknown(text));
  }

  private static EndpointRefusal unknown(String text) {
    return new EndpointRefusal(
        EndpointRefusal.NOT_FOUND,
        "There is no process "
            + text
            + "; it has ended, or this is not the text of a pid without its angle brackets, such as"
            + " 0.12.0");
  }
}
