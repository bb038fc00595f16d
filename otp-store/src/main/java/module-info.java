/** Tables on disk and transactions over tables, as Erlang's {@code dets} and {@code mnesia}. */
module io.otp.store {
  requires transitive io.otp.runtime;
  requires com.h2database.mvstore;

  exports io.otp.store;
  exports io.otp.store.disk to
      com.h2database.mvstore;
}
