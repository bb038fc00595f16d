package io.otp.autoconfigure.actuate;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.store.Dets;
import io.otp.store.DetsInfo;
import io.otp.store.DetsTable;
import io.otp.store.Mnesia;
import io.otp.table.TableInfo;
import java.util.ArrayList;
import java.util.List;

/** Tables on disk and those of transactions. */
final class StoreSource implements TableSource {

  private final ProcessRuntime runtime;

  StoreSource(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public List<Found> tables() {
    var found = new ArrayList<Found>();
    for (DetsTable<?, ?> table : Dets.of(runtime).all()) {
      table.info().ifPresent(info -> found.add(new Found(dets(info), table)));
    }
    for (Mnesia mnesia : Mnesia.all(runtime)) {
      for (Mnesia.TableState state : mnesia.tableStates()) {
        state
            .memory()
            .info()
            .ifPresent(info -> found.add(new Found(mnesia(state, info), state.memory())));
      }
    }
    return found;
  }

  private static TableDescriptor.Schema dets(DetsInfo info) {
    return new TableDescriptor.Schema(
        new TableDescriptor(
            "dets:" + info.name(),
            "dets",
            info.name(),
            true,
            info.type().toString(),
            info.size(),
            null,
            info.fileSize(),
            null,
            null),
        info.key(),
        info.value(),
        List.of(),
        null,
        false,
        null,
        info.file().toString(),
        info.users().stream().limit(Limit.MAX).map(Pid::toString).toList());
  }

  private static TableDescriptor.Schema mnesia(Mnesia.TableState state, TableInfo info) {
    return new TableDescriptor.Schema(
        new TableDescriptor(
            "mnesia:" + state.name(),
            "mnesia",
            state.name(),
            true,
            info.type().toString(),
            info.size(),
            info.memory(),
            null,
            info.owner().toString(),
            null),
        state.key(),
        state.value(),
        info.indexes(),
        null,
        false,
        state.copies().toString(),
        null,
        List.of());
  }
}
