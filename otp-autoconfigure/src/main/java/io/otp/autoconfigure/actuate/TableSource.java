package io.otp.autoconfigure.actuate;

import io.otp.table.Table;
import java.util.List;

/** Where tables of a kind come from; those on disk are known only where otp-store is. */
interface TableSource {

  /**
   * A table that can be looked at.
   *
   * @param schema all that is known of it
   * @param rows what its objects are read from
   */
  record Found(TableDescriptor.Schema schema, Table<?, ?> rows) {}

  /** The tables that are there now. */
  List<Found> tables();
}
