package io.otp.event;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Pid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a manager is sent by {@link EventManagerRef}. */
sealed interface ManagerMessage {

  record Notify(Object event) implements ManagerMessage, Cast<ManagerMessage> {}

  record SyncNotify(Object event) implements ManagerMessage, Call<ManagerMessage, Call.Ok> {}

  /**
   * @param supervisor who supervises it, {@code null} for nobody
   */
  record Add(HandlerSpec<?> handler, @Nullable Pid supervisor, boolean ifAbsent)
      implements ManagerMessage, Call<ManagerMessage, AddResult> {}

  record Delete(HandlerId<?> handler, Object args)
      implements ManagerMessage, Call<ManagerMessage, HandlerEnd> {}

  /**
   * @param supervisor who supervises the next, {@code null} for who supervises the old
   */
  record Swap(HandlerId<?> old, Object args, HandlerSpec<?> next, @Nullable Pid supervisor)
      implements ManagerMessage, Call<ManagerMessage, AddResult> {}

  record CallHandler(HandlerId<?> handler, Call<?, ?> query)
      implements ManagerMessage, Call<ManagerMessage, HandlerReply<?>> {}

  record WhichHandlers() implements ManagerMessage, Call<ManagerMessage, List<HandlerId<?>>> {}

  record GetModules() implements ManagerMessage, Call<ManagerMessage, List<String>> {}
}
