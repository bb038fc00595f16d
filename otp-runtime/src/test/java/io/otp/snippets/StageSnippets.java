package io.otp.snippets;

import static io.otp.server.NoArgs.NO_ARGS;

import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.NoArgs;
import io.otp.stage.Consumer;
import io.otp.stage.Emit;
import io.otp.stage.Producer;
import io.otp.stage.StageRef;
import io.otp.stage.StageSubscriber;
import io.otp.stage.SubscribeOptions;
import io.otp.supervisor.ChildSpec;
import java.util.List;
import java.util.stream.IntStream;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;

/** The examples in the Javadoc of io.otp.stage, compiled. Change both together. */
final class StageSnippets {

  private StageSnippets() {}

  /** Producer. */
  static final class Numbers implements Producer<Integer, Integer, Integer> {
    @Override
    public Integer init(Integer first, Self<?> self) {
      return first;
    }

    @Override
    public Emit<Integer, Integer> handleDemand(long demand, Integer next, Self<?> self) {
      int end = next + (int) demand;
      return Emit.of(IntStream.range(next, end).boxed().toList(), end);
    }
  }

  interface Printer extends Consumer<NoArgs, Integer, NoArgs> {}

  record Order(int number) {}

  /** StageRef, the specs. */
  static List<ChildSpec> specs(Printer print) {
    ChildSpec numbers = StageRef.childSpec("numbers", new Numbers(), 0); // in some supervisor
    ChildSpec printer = StageRef.childSpec("printer", print, NO_ARGS);
    return List.of(numbers, printer);
  }

  /** StageRef, its use. */
  static Flux<Integer> use(ProcessRuntime runtime) {
    StageRef<Void, Integer> from = StageRef.of(runtime, "numbers");
    StageRef<Integer, Void> to = StageRef.of(runtime, "printer");
    to.subscribeTo(from, SubscribeOptions.maxDemand(100));

    Flux<Integer> flux = JdkFlowAdapter.flowPublisherToFlux(from.publisher());
    return flux;
  }

  /** StageSubscriber. */
  static void subscriber(ProcessRuntime runtime, StageRef<Order, Void> billing, Flux<Order> flux) {
    StageSubscriber<Order> orders = StageSubscriber.start(runtime);
    billing.subscribeTo(orders.stage(), SubscribeOptions.maxDemand(50));
    JdkFlowAdapter.publisherToFlowPublisher(flux).subscribe(orders);
  }
}
