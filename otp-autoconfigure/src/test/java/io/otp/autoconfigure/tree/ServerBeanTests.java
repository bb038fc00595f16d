package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.process.Sys;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.ServerRef;
import io.otp.statem.Initial;
import io.otp.statem.On;
import io.otp.statem.StateData;
import io.otp.statem.StateMachine;
import io.otp.statem.Transition;
import io.otp.supervisor.DynamicSupervisor;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.aop.framework.autoproxy.DefaultAdvisorAutoProxyCreator;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.stereotype.Component;

/** The ways in which an application declares its servers and gets at them. */
@ExtendWith(OutputCaptureExtension.class)
class ServerBeanTests {

  private static final String CHILD = "otp.supervisors.payments.children[0].";

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(OtpAutoConfiguration.class, TreeAutoConfiguration.class))
          .withPropertyValues(CHILD + "id=books", CHILD + "server=ledger")
          .withUserConfiguration(Client.class);

  /** Injects by generic type. */
  record Client(ServerRef<Ledger.Message> ledger) {}

  private static void works(ApplicationContext context) {
    ServerRef<Ledger.Message> ledger = context.getBean(Client.class).ledger();
    ledger.cast(new Ledger.Deposit("joe", 5));
    assertThat(ledger.call(new Ledger.Balance("joe"))).isEqualTo(5L);
  }

  @Component("ledger")
  static class Scanned extends DelegatingLedger {}

  /** Generics are resolved through a superclass. */
  abstract static class DelegatingLedger
      extends DelegatingServer<Ledger.Message, Map<String, Long>> {
    DelegatingLedger() {
      super(new Ledger());
    }
  }

  /** A server that does not know its messages. */
  static class DelegatingServer<M, S> implements GenServer<M, S> {
    private final GenServer<M, S> server;

    DelegatingServer(GenServer<M, S> server) {
      this.server = server;
    }

    @Override
    public S init(io.otp.server.NoArgs args, Self<M> self) throws Exception {
      return server.init(args, self);
    }

    @Override
    public Next<S> handle(M message, S state, Self<M> self) throws Exception {
      return server.handle(message, state, self);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ComponentScan(
      useDefaultFilters = false,
      includeFilters =
          @ComponentScan.Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Scanned.class))
  static class ScanConfiguration {}

  @Test
  void aScannedComponent() {
    runner.withUserConfiguration(ScanConfiguration.class).run(ServerBeanTests::works);
  }

  @Configuration(proxyBeanMethods = false)
  static class InterfaceConfiguration {
    @Bean
    GenServer<Ledger.Message, Map<String, Long>> ledger() {
      return new Ledger();
    }
  }

  @Test
  void aMethodThatReturnsTheInterface() {
    runner.withUserConfiguration(InterfaceConfiguration.class).run(ServerBeanTests::works);
  }

  @Configuration(proxyBeanMethods = false)
  static class GenericConfiguration {
    @Bean
    DelegatingServer<Ledger.Message, Map<String, Long>> ledger() {
      return new DelegatingServer<>(new Ledger());
    }
  }

  @Test
  void aMethodThatReturnsAGenericClass() {
    runner.withUserConfiguration(GenericConfiguration.class).run(ServerBeanTests::works);
  }

  @Configuration(proxyBeanMethods = false)
  static class RawConfiguration {
    @Bean
    @SuppressWarnings("rawtypes")
    ArgsGenServer ledger() {
      return new Ledger();
    }
  }

  @Test
  void aMethodThatReturnsARawType() {
    runner.withUserConfiguration(RawConfiguration.class).run(ServerBeanTests::works);
  }

  @Configuration(proxyBeanMethods = false)
  static class FactoryConfiguration {
    @Bean
    LedgerFactory ledger() {
      return new LedgerFactory();
    }
  }

  static class LedgerFactory implements FactoryBean<Ledger> {
    @Override
    public Ledger getObject() {
      return new Ledger();
    }

    @Override
    public Class<?> getObjectType() {
      return Ledger.class;
    }
  }

  @Test
  void theProductOfAFactoryBean() {
    runner.withUserConfiguration(FactoryConfiguration.class).run(ServerBeanTests::works);
  }

  @Configuration(proxyBeanMethods = false)
  static class AliasConfiguration {
    @Bean({"journal", "ledger"})
    Ledger journal() {
      return new Ledger();
    }
  }

  @Test
  void anAlias() {
    runner.withUserConfiguration(AliasConfiguration.class).run(ServerBeanTests::works);
  }

  @Configuration(proxyBeanMethods = false)
  static class LazyConfiguration {
    @Bean
    @Lazy
    Ledger ledger() {
      return new Ledger();
    }
  }

  @Test
  void aLazyBean() {
    runner.withUserConfiguration(LazyConfiguration.class).run(ServerBeanTests::works);
  }

  @Test
  void everythingLazy() {
    runner
        .withUserConfiguration(LazyConfiguration.class)
        .withInitializer(
            context ->
                context.addBeanFactoryPostProcessor(
                    new org.springframework.boot.LazyInitializationBeanFactoryPostProcessor()))
        .run(ServerBeanTests::works);
  }

  @Configuration(proxyBeanMethods = false)
  static class PrototypeConfiguration {
    @Bean
    @Scope("prototype")
    Ledger ledger() {
      return new Ledger();
    }
  }

  @Test
  void aPrototype() {
    runner.withUserConfiguration(PrototypeConfiguration.class).run(ServerBeanTests::works);
  }

  @Test
  void aSingletonWithoutDefinition() {
    runner
        .withInitializer(
            context -> context.getBeanFactory().registerSingleton("ledger", new Ledger()))
        .run(ServerBeanTests::works);
  }

  // --- contexts

  @Test
  void aBeanOfTheParentContext() {
    try (var parent = new GenericApplicationContext()) {
      parent.registerBean("ledger", Ledger.class);
      parent.refresh();
      runner.withParent(parent).run(ServerBeanTests::works);
    }
  }

  @Test
  void aChildContextUsesTheTreesOfItsParent() {
    runner
        .withUserConfiguration(LazyConfiguration.class)
        .run(
            parent ->
                runner
                    .withParent(parent)
                    .run(
                        child -> {
                          works(child);
                          assertThat(child.getBean(ProcessRuntime.class))
                              .isSameAs(parent.getBean(ProcessRuntime.class));
                          assertThat(
                                  child
                                      .getSourceApplicationContext()
                                      .getBeanFactory()
                                      .containsLocalBean("serverRef.books"))
                              .isFalse();
                        }));
  }

  @Test
  void aChildContextMustNotHaveTreesOfItsOwn() {
    runner
        .withUserConfiguration(LazyConfiguration.class)
        .run(
            parent ->
                runner
                    .withParent(parent)
                    .withBean(
                        "own",
                        io.otp.supervisor.SupervisorSpec.class,
                        () ->
                            io.otp.supervisor.SupervisorSpec.of(
                                "own", io.otp.supervisor.Strategy.ONE_FOR_ONE))
                    .run(
                        child ->
                            assertThat(child)
                                .getFailure()
                                .hasMessageContaining(
                                    "SupervisorSpec bean 'own' is in a child context, but trees are"
                                        + " those of its parent, and would not see it. Declare it"
                                        + " in the parent context, with the servers it starts.")));
  }

  // --- proxies

  @Configuration(proxyBeanMethods = false)
  static class ProxyConfiguration {
    @Bean
    Ledger ledger() {
      return new Ledger();
    }

    @Bean
    static DefaultAdvisorAutoProxyCreator proxies() {
      return new DefaultAdvisorAutoProxyCreator();
    }

    @Bean
    static DefaultPointcutAdvisor advisor() {
      var pointcut = new NameMatchMethodPointcut();
      pointcut.addMethodName("handle");
      return new DefaultPointcutAdvisor(
          pointcut,
          (org.aopalliance.intercept.MethodInterceptor)
              org.aopalliance.intercept.MethodInvocation::proceed);
    }
  }

  @Test
  void aProxyIsRefused() {
    runner
        .withUserConfiguration(ProxyConfiguration.class)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(TreeConfigurationException.class)
                    .hasMessageStartingWith("Server bean 'ledger' is wrapped in a proxy, ")
                    .hasMessageEndingWith(
                        ", because of an annotation such as @Transactional, @Async or @Cacheable, a"
                            + " scope or an aspect. A server is never a proxy target: the runtime"
                            + " runs its callbacks for processes, and transactions, caches and the"
                            + " like belong to the beans it works with. Move what is annotated to a"
                            + " bean of its own, which 'ledger' gets by its constructor, or make"
                            + " the aspect pass over 'ledger'."));
  }

  // --- what is injected

  @Configuration(proxyBeanMethods = false)
  static class OwnRefConfiguration {
    @Bean
    ServerRef<Ledger.Message> ownRef(ProcessRuntime runtime) {
      return ServerRef.of(runtime, "elsewhere");
    }
  }

  @Test
  void aReferenceOfYourOwnIsInjectedInstead() {
    runner
        .withUserConfiguration(LazyConfiguration.class, OwnRefConfiguration.class)
        .run(
            context -> {
              assertThat(context.getBean(Client.class).ledger())
                  .hasToString("ServerRef['elsewhere']");
              assertThat(context.getBean("serverRef.books")).hasToString("ServerRef['books']");
            });
  }

  @Configuration(proxyBeanMethods = false)
  static class SameNameConfiguration {
    @Bean("serverRef.books")
    ServerRef<Ledger.Message> ownRef(ProcessRuntime runtime) {
      return ServerRef.of(runtime, "elsewhere");
    }
  }

  @Test
  void aReferenceWithOurNameReplacesOurs() {
    runner
        .withUserConfiguration(LazyConfiguration.class, SameNameConfiguration.class)
        .run(
            context ->
                assertThat(context.getBean(Client.class).ledger())
                    .hasToString("ServerRef['elsewhere']"));
  }

  record NamedClient(
      @Qualifier("books") ServerRef<Ledger.Message> books,
      @Qualifier("room") DynamicSupervisor<Room.Settings, Room.Message> rooms) {}

  @Test
  void aQualifierFindsOursBesideYourOwn() {
    runner
        .withUserConfiguration(
            LazyConfiguration.class, OwnRefConfiguration.class, NamedClient.class)
        .withBean("chat", Room.class)
        .withPropertyValues(
            "otp.supervisors.payments.children[1].id=room",
            "otp.supervisors.payments.children[1].dynamic.server=chat")
        .run(
            context -> {
              assertThat(context.getBean(NamedClient.class).books())
                  .hasToString("ServerRef['books']");
              assertThat(context.getBean(NamedClient.class).rooms())
                  .hasToString("DynamicSupervisor[room]");
            });
  }

  // --- start arguments

  private final ApplicationContextRunner rooms =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(OtpAutoConfiguration.class, TreeAutoConfiguration.class))
          .withPropertyValues(CHILD + "id=lobby", CHILD + "server=room");

  private static String topic(ApplicationContext context) {
    return ServerRef.<Room.Message>of(context.getBean(ProcessRuntime.class), "lobby")
        .call(new Room.Topic());
  }

  @Test
  void bindsArgumentsOfARawServer() {
    rooms
        .withPropertyValues(CHILD + "args.topic=talk", CHILD + "args.seats=2")
        .withBean("room", ArgsGenServer.class, Room::new)
        .run(context -> assertThat(topic(context)).isEqualTo("talk"));
  }

  @Test
  void bindsArgumentsFromTheEnvironment() {
    rooms
        .withBean("room", Room.class)
        .withPropertyValues(CHILD + "args.topic=talk")
        .withInitializer(
            context ->
                context
                    .getEnvironment()
                    .getPropertySources()
                    .addFirst(
                        new SystemEnvironmentPropertySource(
                            "x-systemEnvironment",
                            Map.of("OTP_SUPERVISORS_PAYMENTS_CHILDREN_0_ARGS_TOPIC", "silence"))))
        .run(context -> assertThat(topic(context)).isEqualTo("silence"));
  }

  @Test
  void refusesAnArgumentThatTheServerDoesNotHave() {
    rooms
        .withBean("room", Room.class)
        .withPropertyValues(CHILD + "args.topik=talk")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining(
                        "The elements [otp.supervisors.payments.children[0].args.topik] were left"
                            + " unbound"));
  }

  @Test
  void refusesMissingArguments() {
    rooms
        .withBean("room", Room.class)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessage(
                        "Server 'room' of child 'lobby' needs start arguments of type"
                            + " io.otp.autoconfigure.tree.Room$Settings. Add"
                            + " otp.supervisors.payments.children[0].args."));
  }

  @Test
  void refusesArgumentsThatNobodyTakes() {
    rooms
        .withBean("room", Ledger.class)
        .withPropertyValues(CHILD + "args.topic=talk")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageStartingWith(
                        "Server 'room' takes no start arguments, but child 'lobby' has some."
                            + " Remove"));
  }

  /** What it takes is known to nobody. */
  static final class Anything<A> implements ArgsGenServer<A, Room.Message, String> {
    @Override
    public String init(A args, Self<Room.Message> self) {
      return args.toString();
    }

    @Override
    public Next<String> handle(Room.Message message, String state, Self<Room.Message> self) {
      return Next.noreply(state);
    }
  }

  @Test
  void refusesAServerThatDoesNotSayWhichArgumentsItTakes() {
    rooms
        .withBean("room", Anything.class)
        .withPropertyValues(CHILD + "args.topic=talk")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessage(
                        "It cannot be told which start arguments server 'room' of child 'lobby'"
                            + " takes: io.otp.autoconfigure.tree.ServerBeanTests$Anything does not"
                            + " say. Let the method that makes the bean return ArgsGenServer<…>"
                            + " or StateMachine<…> with its types, or a class that has them."));
  }

  static final class Terminating implements GenServer<Ledger.Message, Map<String, Long>> {
    @Override
    public Map<String, Long> init(io.otp.server.NoArgs args, Self<Ledger.Message> self) {
      return Map.of();
    }

    @Override
    public Next<Map<String, Long>> handle(
        Ledger.Message message, Map<String, Long> state, Self<Ledger.Message> self) {
      return Next.noreply(state);
    }

    @Override
    public void terminate(
        io.otp.process.ExitReason reason, Map<String, Long> state, Self<Ledger.Message> self) {}
  }

  @Test
  void warnsOfATerminateThatIsNotCalled(CapturedOutput output) {
    runner
        .withBean("ledger", Terminating.class)
        .run(
            context ->
                assertThat(output)
                    .containsOnlyOnce(
                        "Server 'ledger' overrides terminate but does not trap exits, so terminate"
                            + " is not called when its supervisor stops it (OTP's rule; it is no"
                            + " @PreDestroy). To have it called, override options(): return"
                            + " ServerOptions.DEFAULT.withTrapExits(true);"));
  }

  /** A state machine is a server bean as any other. */
  static final class Turnstile
      implements StateMachine<Turnstile.Fare, Turnstile.Event, Turnstile.State, Integer> {
    record Fare(int cents) {}

    enum State {
      LOCKED,
      UNLOCKED
    }

    sealed interface Event {}

    record Coin(int cents) implements Event, Call<Event, Boolean> {}

    record Push() implements Event, Cast<Event> {}

    @Override
    public Initial<State, Integer> init(Fare fare, Self<Event> self) {
      return Initial.of(State.LOCKED, fare.cents());
    }

    @Override
    public Transition<State, Integer> handle(On<State, Event> on, Integer fare, Self<Event> self) {
      return switch (on.event()) {
        case Coin coin when coin.cents() >= fare ->
            Transition.nextState(State.UNLOCKED, fare, Transition.reply(coin, true));
        case Coin coin -> Transition.keepState(fare, Transition.reply(coin, false));
        case Push _ -> Transition.nextState(State.LOCKED, fare);
      };
    }

    @Override
    public void terminate(ExitReason reason, State state, Integer fare, Self<Event> self) {}
  }

  record Gate(
      @Qualifier("gate") ServerRef<Turnstile.Event> named,
      ServerRef<Turnstile.Event> typed,
      DynamicSupervisor<Turnstile.Fare, Turnstile.Event> more) {}

  @Test
  void aStateMachine(CapturedOutput output) {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(OtpAutoConfiguration.class, TreeAutoConfiguration.class))
        .withBean("turnstile", Turnstile.class)
        .withPropertyValues(
            CHILD + "id=gate",
            CHILD + "server=turnstile",
            CHILD + "args.cents=20",
            "otp.supervisors.payments.children[1].id=gates",
            "otp.supervisors.payments.children[1].dynamic.server=turnstile")
        .withUserConfiguration(Gate.class)
        .run(
            context -> {
              Gate gate = context.getBean(Gate.class);
              assertThat(gate.typed()).isEqualTo(gate.named());
              assertThat(gate.named().call(new Turnstile.Coin(10))).isFalse();
              assertThat(gate.typed().call(new Turnstile.Coin(20))).isTrue();
              var pid = gate.named().whereis().orElseThrow();
              assertThat(Sys.getState(pid))
                  .isEqualTo(new StateData<>(Turnstile.State.UNLOCKED, 20));
              context.getBean(ProcessRuntime.class).exit(pid, ExitReason.KILL);
              var other = gate.more().startChild(new Turnstile.Fare(5));
              assertThat(other.call(new Turnstile.Coin(5))).isTrue();
            });
    assertThat(output).contains("Server 'turnstile' overrides terminate but does not trap exits");
  }
}
