package io.otp.sample.chat;

import static io.otp.server.Next.noreply;

import io.otp.process.Call;
import io.otp.process.From;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.table.EtsTable;
import io.otp.table.TableAccess;
import io.otp.table.TableException;
import io.otp.table.TableSpec;
import io.otp.table.TableTransfer;
import io.otp.table.Tables;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Makes the tables of the chat and outlives who works with them. The table of the history is given
 * to the {@link History}, and comes back when that dies, for its successor.
 *
 * <p>It does nothing else, so it has no reason to crash. Should it, the tables are gone, and the
 * supervisor starts all others afresh (rest-for-one).
 */
@Component
final class Heir implements GenServer<Heir.Message, Heir.State> {

  /** What is known of each room; only the history writes it. */
  static final TableSpec<String, History.Entry> ROOMS =
      TableSpec.set("rooms", String.class, History.Entry.class).withName();

  /**
   * Who is in which room, as far as its members have been told; a room that starts again reads here
   * whom it has to expect. Each room writes its own.
   */
  static final TableSpec<String, String> MEMBERS =
      TableSpec.bag("members", String.class, String.class)
          .withAccess(TableAccess.PUBLIC)
          .withName();

  sealed interface Message {}

  /** The history begins: from now on the table of the rooms belongs to it. */
  record Claim(Pid process) implements Message, Call<Message, EtsTable<String, History.Entry>> {}

  /** Who is to get the table of the rooms when it is back. */
  record Claimant(Pid process, From<EtsTable<String, History.Entry>> from) {}

  /**
   * @param claimant the latest who came before the table was back, {@code null} for none
   */
  record State(EtsTable<String, History.Entry> rooms, @Nullable Claimant claimant) {}

  @Override
  public State init(NoArgs args, Self<Message> self) {
    Tables.create(self, MEMBERS);
    return new State(Tables.create(self, ROOMS.withHeir(self.pid(), null)), null);
  }

  @Override
  public Next<State> handle(Message message, State state, Self<Message> self) {
    return switch (message) {
      case Claim claim ->
          noreply(give(new Claimant(claim.process(), self.from(claim)), state, self));
    };
  }

  /** A history that is dead before its table is back here, or before it has it, gets nothing. */
  private static State give(Claimant claimant, State state, Self<Message> self) {
    boolean back = state.rooms().info().filter(info -> info.owner().equals(self.pid())).isPresent();
    if (!back) {
      return new State(state.rooms(), claimant);
    }
    try {
      state.rooms().giveAway(claimant.process(), null);
      claimant.from().reply(state.rooms());
    } catch (TableException e) {
      // who asked has died meanwhile
    }
    return new State(state.rooms(), null);
  }

  /** The table has come back by the time this is told. */
  @Override
  public Next<State> handleInfo(Info info, State state, Self<Message> self) throws Exception {
    if (info instanceof Info.Message(TableTransfer _)) {
      return noreply(state.claimant() == null ? state : give(state.claimant(), state, self));
    }
    return GenServer.super.handleInfo(info, state, self);
  }
}
