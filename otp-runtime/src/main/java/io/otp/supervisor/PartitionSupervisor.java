package io.otp.supervisor;

import io.otp.process.ProcessRuntime;
import io.otp.server.ArgsGenServer;
import io.otp.server.ServerRef;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A fixed number of equal servers, and a key that always leads to the same one of them: where one
 * server would be a bottleneck and each key needs an order of its own. Elixir's {@code
 * PartitionSupervisor}.
 *
 * {@snippet :
 * SupervisorSpec spec = PartitionSupervisor.spec("counters", 8, counter, partition -> NO_ARGS);
 * Supervisor.start(runtime, spec);
 * PartitionSupervisor<Counter.Message> counters = PartitionSupervisor.of(runtime, spec);
 * counters.get("joe").cast(new Counter.Increment("joe"));
 * }
 *
 * @param <M> the messages of the servers
 * @see <a href="https://hexdocs.pm/elixir/PartitionSupervisor.html">PartitionSupervisor</a>
 */
public final class PartitionSupervisor<M> {

  private final String name;
  private final List<ServerRef<M>> partitions;

  private PartitionSupervisor(String name, List<ServerRef<M>> partitions) {
    this.name = name;
    this.partitions = partitions;
  }

  /**
   * The spec of a one-for-one supervisor with {@code partitions} children: ids {@code 0}, {@code 1}
   * and so on, registered as {@code name:0}, {@code name:1}.
   *
   * @param partitions how many, 1 or more; Elixir's default is the number of schedulers
   * @param args what the {@code init} of each partition gets, by its number
   * @throws InvalidSpecException with {@code invalid_partitions} if there are less than one
   */
  public static <A> SupervisorSpec spec(
      String name, int partitions, ArgsGenServer<A, ?, ?> server, IntFunction<A> args) {
    SpecCheck.partitions(name, partitions);
    var children = new ChildSpec[partitions];
    for (int i = 0; i < partitions; i++) {
      String id = Integer.toString(i);
      children[i] = ChildSpec.worker(id, server, args.apply(i), name + ":" + id);
    }
    return SupervisorSpec.of(name, Strategy.ONE_FOR_ONE, children);
  }

  /**
   * The servers of a spec that {@link #spec} has made; they need not run yet.
   *
   * @throws IllegalArgumentException if the spec has no children
   */
  public static <M> PartitionSupervisor<M> of(ProcessRuntime runtime, SupervisorSpec spec) {
    if (spec.children().isEmpty()) {
      throw new IllegalArgumentException(
          "Supervisor '"
              + spec.name()
              + "' has no children, so no key leads anywhere. Make it with"
              + " PartitionSupervisor.spec.");
    }
    var refs = new ArrayList<ServerRef<M>>(spec.children().size());
    for (ChildSpec child : spec.children()) {
      refs.add(ServerRef.of(runtime, spec.name() + ":" + child.id()));
    }
    return new PartitionSupervisor<>(spec.name(), List.copyOf(refs));
  }

  /**
   * The server of a key. It is addressed by name, so the reference goes on working when the server
   * is restarted.
   *
   * @param key an {@code Integer} or {@code Long} leads to the partition of its absolute value
   *     modulo their number; anything else goes by its {@code hashCode}, which should come from its
   *     value
   */
  public ServerRef<M> get(Object key) {
    return partitions.get(partition(key));
  }

  /** The number of the partition of a key, from 0. */
  public int partition(Object key) {
    int count = partitions.size();
    return key instanceof Integer || key instanceof Long
        ? (int) Math.abs(((Number) key).longValue() % count)
        : Math.floorMod(mixed(key.hashCode()), count);
  }

  /** The finalizer of MurmurHash 3: hash codes that differ in few bits must spread, too. */
  private static int mixed(int hash) {
    int h = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    h = (h ^ (h >>> 13)) * 0xc2b2ae35;
    return h ^ (h >>> 16);
  }

  /** The servers, one for each partition, in order. */
  public List<ServerRef<M>> partitions() {
    return partitions;
  }

  /** The name of the supervisor. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "PartitionSupervisor[" + name + ", " + partitions.size() + " partitions]";
  }
}
