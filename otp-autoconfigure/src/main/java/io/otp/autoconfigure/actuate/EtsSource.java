package io.otp.autoconfigure.actuate;

import io.otp.process.ProcessRuntime;
import io.otp.table.EtsTable;
import io.otp.table.TableInfo;
import io.otp.table.Tables;
import java.util.List;
import java.util.Optional;

/** Tables in memory. */
final class EtsSource implements TableSource {

  private final ProcessRuntime runtime;

  EtsSource(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public List<Found> tables() {
    return Tables.of(runtime).all().stream()
        .map(EtsSource::found)
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<Found> found(EtsTable<?, ?> table) {
    return table.info().map(info -> new Found(schema(info), table));
  }

  private static TableDescriptor.Schema schema(TableInfo info) {
    return new TableDescriptor.Schema(
        new TableDescriptor(
            "ets:" + info.id(),
            "ets",
            info.name(),
            info.named(),
            info.type().toString(),
            info.size(),
            info.memory(),
            null,
            info.owner().toString(),
            info.access().toString()),
        info.keyType().getTypeName(),
        info.valueType().getTypeName(),
        info.indexes(),
        info.heir() == null ? null : info.heir().toString(),
        info.fixed(),
        null,
        null,
        List.of());
  }
}
