package io.otp.snippets;

import io.otp.pool.PoolOptions;
import io.otp.pool.WorkerPool;
import io.otp.process.Call;
import io.otp.process.ProcessRuntime;
import io.otp.server.ArgsGenServer;
import io.otp.supervisor.ChildSpec;
import java.net.URI;
import java.time.Duration;

/** The example in the Javadoc of io.otp.pool, compiled. Change both together. */
final class PoolSnippets {

  private PoolSnippets() {}

  record Rows(int count) {}

  interface Connection extends ArgsGenServer<URI, Connection.Message, Connection.State> {
    sealed interface Message {}

    record Query(String sql) implements Message, Call<Message, Rows> {}

    record State() {}
  }

  /** WorkerPool, the spec. */
  static ChildSpec spec(Connection connection, URI url) {
    ChildSpec spec =
        WorkerPool.childSpec(
            "connections", connection, url, PoolOptions.DEFAULT.withSize(10)); // in some supervisor
    return spec;
  }

  /** WorkerPool, its use. */
  static Rows use(ProcessRuntime runtime) {
    WorkerPool<Connection.Message> connections = WorkerPool.of(runtime, "connections");
    Rows rows =
        connections.transaction(
            c -> c.call(new Connection.Query("select 1")), Duration.ofSeconds(2));
    return rows;
  }
}
