package io.otp.table;

import io.otp.process.Pid;
import org.jspecify.annotations.Nullable;

/**
 * A table now belongs to the process that receives this: <code>{'ETS-TRANSFER', Tab, FromPid, Data}
 * </code>. It passes every bound of a mailbox. A server finds it in {@code handleInfo} as the value
 * of an {@code Info.Message}, a process with its own receive loop in its mailbox as it is.
 *
 * {@snippet :
 * public Next<State> handleInfo(Info info, State state, Self<Message> self) {
 *   return switch (info) {
 *     case Info.Message(TableTransfer transfer) ->
 *         noreply(state.withHistory(transfer.table(HISTORY)));
 *     default -> GenServer.super.handleInfo(info, state, self);
 *   };
 * }
 * }
 *
 * @param table the table
 * @param from the owner before, dead if this is its heir
 * @param data what it was given away with, or the heir's data; {@code null} if none
 */
public record TableTransfer(EtsTable<?, ?> table, Pid from, @Nullable Object data) {

  /**
   * The table with the types of its specification.
   *
   * @throws TableException if {@code spec} has other types of keys or values
   */
  public <K, V> EtsTable<K, V> table(TableSpec<K, V> spec) {
    return table.as(spec);
  }
}
