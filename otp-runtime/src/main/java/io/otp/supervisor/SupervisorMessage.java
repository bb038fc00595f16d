package io.otp.supervisor;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a supervisor is asked, by {@link Supervisor} and {@link DynamicSupervisor} only. */
sealed interface SupervisorMessage {

  /** A child spec and the like: its start function is code, and code does not change. */
  record StartChild(ChildSpec child)
      implements SupervisorMessage, Call<SupervisorMessage, StartChildResult> {}

  record StartChildWith(@Nullable Object args)
      implements SupervisorMessage, Call<SupervisorMessage, StartChildResult> {}

  record TerminateChild(String id)
      implements SupervisorMessage, Call<SupervisorMessage, Optional<ChildError>> {}

  record TerminatePid(Pid pid)
      implements SupervisorMessage, Call<SupervisorMessage, Optional<ChildError>> {}

  record RestartChild(String id)
      implements SupervisorMessage, Call<SupervisorMessage, StartChildResult> {}

  record DeleteChild(String id)
      implements SupervisorMessage, Call<SupervisorMessage, Optional<ChildError>> {}

  record WhichChildren() implements SupervisorMessage, Call<SupervisorMessage, List<ChildInfo>> {}

  record CountChildren() implements SupervisorMessage, Call<SupervisorMessage, ChildCounts> {}

  record GetChildSpec(String id)
      implements SupervisorMessage, Call<SupervisorMessage, Optional<ChildSpec>> {}

  record GetChildSpecOf(Pid pid)
      implements SupervisorMessage, Call<SupervisorMessage, Optional<ChildSpec>> {}

  record Describe(int maxChildren)
      implements SupervisorMessage, Call<SupervisorMessage, SupervisorInfo> {}

  /** A restart that failed is tried again, behind what waits in the mailbox (5.40). */
  @Immutable
  record TryAgain(Step.TryAgain again) implements SupervisorMessage, Cast<SupervisorMessage> {}
}
