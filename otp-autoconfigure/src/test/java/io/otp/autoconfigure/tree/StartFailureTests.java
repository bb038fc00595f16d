package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import io.otp.autoconfigure.OtpAutoConfiguration;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.DynamicSupervisor;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.SupervisorSpec;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What somebody sees whose application does not start. */
@ExtendWith(OutputCaptureExtension.class)
class StartFailureTests {

  private static final String CHILD = "otp.supervisors.payments.children[0]";

  /** Fails in {@code init}, in a line of the JDK that says nothing of who failed it. */
  static final class NoDatabase implements GenServer<Ledger.Message, String> {
    @Override
    public String init(NoArgs args, Self<Ledger.Message> self) {
      return Objects.requireNonNull(System.getProperty("no.such.database"), "no database");
    }

    @Override
    public Next<String> handle(Ledger.Message message, String state, Self<Ledger.Message> self) {
      return Next.noreply(state);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({OtpAutoConfiguration.class, TreeAutoConfiguration.class})
  static class Application {
    @Bean
    Ledger ledger() {
      return new Ledger();
    }

    @Bean
    Room room() {
      return new Room();
    }

    @Bean
    NoDatabase noDatabase() {
      return new NoDatabase();
    }
  }

  private static void fails(
      CapturedOutput output,
      Class<?>[] more,
      String description,
      String action,
      String... properties) {
    Class<?>[] sources =
        Stream.concat(Stream.of(Application.class), Stream.of(more)).toArray(Class[]::new);
    assertThatException().isThrownBy(() -> TestApplication.of(sources, properties).run().close());
    String text = output.getAll();
    String report =
        text.substring(text.lastIndexOf("APPLICATION FAILED TO START"))
            .replaceAll("\\.java:\\d+", ".java");
    assertThat(report.lines().skip(2).toList())
        .as(report)
        .containsSequence("Description:", "", description, "", "Action:", "", action);
  }

  private static void fails(
      CapturedOutput output, String description, String action, String... properties) {
    fails(output, new Class<?>[0], description, action, properties);
  }

  private static String origin(String key) {
    return "\"" + key + "\" from property source \"test\"";
  }

  @Test
  void anUnknownBean(CapturedOutput output) {
    fails(
        output,
        "Child 'ledger' refers to server 'ledgr', which is not a GenServer or StateMachine bean.",
        "Did you mean 'ledger'? Known: ledger, noDatabase, room. Fix"
            + " otp.supervisors.payments.children[0].server ("
            + origin("otp.supervisors.payments.children[0].server")
            + ").",
        CHILD + ".id=ledger",
        CHILD + ".server=ledgr");
  }

  @Test
  void aBeanThatIsNoServer(CapturedOutput output) {
    fails(
        output,
        "Dynamic child 'ledger' refers to server 'otpNodeExit', which is a"
            + " io.otp.autoconfigure.tree.NodeExit and no GenServer or StateMachine bean.",
        "Known: ledger, noDatabase, room. Fix otp.supervisors.payments.children[0].dynamic.server ("
            + origin("otp.supervisors.payments.children[0].dynamic.server")
            + "). If it is a server, let the method that makes the bean return its class or"
            + " GenServer<…> or StateMachine<…>.",
        CHILD + ".id=ledger",
        CHILD + ".dynamic.server=otpNodeExit");
  }

  @Test
  void aNameThatIsUsedTwice(CapturedOutput output) {
    fails(
        output,
        "The name 'payments' is used twice, by otp.supervisors.payments and"
            + " otp.supervisors.payments.children[0]; a name belongs to one process.",
        "Call one of them something else: a supervisor and a dynamic child are called as their id,"
            + " a server by its name, which is its id unless you set it.",
        CHILD + ".id=payments",
        CHILD + ".server=ledger");
  }

  @Test
  void anIdThatIsUsedTwice(CapturedOutput output) {
    fails(
        output,
        "Supervisor 'payments' has two children with id 'ledger'. Ids are unique within a"
            + " supervisor. Rename one of them.",
        "Fix otp.supervisors.payments.children[1].id ("
            + origin("otp.supervisors.payments.children[1].id")
            + ").",
        CHILD + ".id=ledger",
        CHILD + ".server=ledger",
        "otp.supervisors.payments.children[1].id=ledger",
        "otp.supervisors.payments.children[1].server=ledger",
        "otp.supervisors.payments.children[1].name=other");
  }

  @Test
  void aNameThatCannotBe(CapturedOutput output) {
    fails(
        output,
        "'undefined' cannot be the name of a process.",
        "Use 1 to 255 characters and not 'undefined', which means no name. Fix"
            + " otp.supervisors.payments.children[0].",
        CHILD + ".id=undefined",
        CHILD + ".server=ledger");
  }

  @Test
  void aCircleOfDependencies(CapturedOutput output) {
    fails(
        output,
        "Applications depend on each other in a circle: a → b → a.",
        "Remove one dependency. Fix otp.applications.a.depends-on ("
            + origin("otp.applications.a.depends-on")
            + ").",
        "otp.applications.a.depends-on=b",
        "otp.applications.a.supervisor.intensity=1",
        "otp.applications.b.depends-on=a",
        "otp.applications.b.supervisor.intensity=1");
  }

  @Test
  void aDependencyThatDoesNotExist(CapturedOutput output) {
    fails(
        output,
        "Application 'a' depends on 'payment', which is not declared.",
        "Did you mean 'payments'? Known: payments. Fix otp.applications.a.depends-on ("
            + origin("otp.applications.a.depends-on")
            + ").",
        "otp.applications.a.depends-on=payment",
        "otp.applications.a.supervisor.intensity=1",
        "otp.supervisors.payments.intensity=1");
  }

  @Test
  void aBadDuration(CapturedOutput output) {
    fails(
        output,
        "otp.supervisors.payments.period is '10 parsecs', which is not a duration such as 10s,"
            + " 500ms or 2m.",
        "Fix otp.supervisors.payments.period (" + origin("otp.supervisors.payments.period") + ").",
        "otp.supervisors.payments.period=10 parsecs");
  }

  @Test
  void aBadWord(CapturedOutput output) {
    fails(
        output,
        "otp.supervisors.payments.strategy is 'one-for-most', which is not one of one-for-one,"
            + " one-for-all, rest-for-one.",
        "Did you mean 'one-for-one'? Fix otp.supervisors.payments.strategy ("
            + origin("otp.supervisors.payments.strategy")
            + ").",
        "otp.supervisors.payments.strategy=one-for-most");
  }

  @Test
  void anUnknownKey(CapturedOutput output) {
    fails(
        output,
        "'intensiti' is not a property of a supervisor.",
        "Did you mean 'intensity'? Known: auto-shutdown, children, context, intensity, period,"
            + " strategy. Fix otp.supervisors.payments.intensiti ("
            + origin("otp.supervisors.payments.intensiti")
            + ").",
        "otp.supervisors.payments.intensiti=3");
  }

  @Test
  void anUnknownKeyInAGroup(CapturedOutput output) {
    fails(
        output,
        "'drain' is not a property of otp.shutdown.",
        "Known: drain-timeout, timeout. Fix otp.shutdown.drain ("
            + origin("otp.shutdown.drain")
            + ").",
        "otp.shutdown.drain=3s");
  }

  private static void failsToBind(
      CapturedOutput output, String what, String reason, String... properties) {
    assertThatException()
        .isThrownBy(
            () -> TestApplication.of(new Class<?>[] {Application.class}, properties).run().close());
    assertThat(output)
        .contains(
            "Failed to bind properties under " + what,
            "Reason: " + reason,
            "Update your application's configuration");
  }

  @Test
  void aLimitThatIsTooLow(CapturedOutput output) {
    failsToBind(
        output,
        "'otp' to io.otp.autoconfigure.OtpProperties:",
        "java.lang.IllegalArgumentException: otp.max-processes is 3. Allowed are 16 to 134217728.",
        "otp.max-processes=3");
  }

  @Test
  void argumentsThatAreMissing(CapturedOutput output) {
    fails(
        output,
        "Server 'room' of child 'lobby' needs start arguments of type"
            + " io.otp.autoconfigure.tree.Room$Settings.",
        "Add otp.supervisors.payments.children[0].args.",
        CHILD + ".id=lobby",
        CHILD + ".server=room");
  }

  @Test
  void anArgumentThatIsWrong(CapturedOutput output) {
    failsToBind(
        output,
        "'otp.supervisors.payments.children[0].args.seats' to int:",
        "failed to convert java.lang.String to int (caused by java.lang.NumberFormatException: For"
            + " input string: \"many\")",
        CHILD + ".id=lobby",
        CHILD + ".server=room",
        CHILD + ".args.seats=many");
  }

  @Test
  void aSignificantChildThatIsPermanent(CapturedOutput output) {
    fails(
        output,
        "Child 'ledger' is significant, but permanent, so that it is never done. Allowed are"
            + " transient and temporary. Change restart.",
        "Fix otp.supervisors.payments.children[0].restart.",
        "otp.supervisors.payments.auto-shutdown=all-significant",
        CHILD + ".id=ledger",
        CHILD + ".server=ledger",
        CHILD + ".significant=true");
  }

  @Test
  void anInitThatThrows(CapturedOutput output) {
    fails(
        output,
        "Application 'payments' did not start: payments → books → ledger failed with"
            + " java.lang.NullPointerException: no database at"
            + " io.otp.autoconfigure.tree.StartFailureTests$NoDatabase.init(StartFailureTests.java)."
            + " What had been started before it was stopped.",
        "Look at the init method of that server; the crash report in the log has the details.",
        CHILD + ".id=books",
        CHILD + ".supervisor.children[0].id=ledger",
        CHILD + ".supervisor.children[0].server=noDatabase");
  }

  // --- beans

  @Configuration(proxyBeanMethods = false)
  static class BadSpec {
    @Bean
    SupervisorSpec payments(Ledger ledger) {
      return SupervisorSpec.of(
          "payments",
          Strategy.ONE_FOR_ONE,
          ChildSpec.worker("a", ledger),
          ChildSpec.worker("a", ledger));
    }
  }

  @Test
  void aSpecThatCannotBe(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {BadSpec.class},
        "Supervisor 'payments' has two children with id 'a'. Ids are unique within a supervisor."
            + " Rename one of them.",
        "Fix bean 'payments', defined in io.otp.autoconfigure.tree.StartFailureTests$BadSpec.");
  }

  record Client(ServerRef<Ledger.Message> ledger) {}

  @Test
  void aServerThatNoTreeHas(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {Client.class},
        "Parameter 0 of constructor in io.otp.autoconfigure.tree.StartFailureTests$Client required"
            + " a ServerRef<Ledger.Message>, but no tree has a server for these messages.",
        "Bean 'ledger' is such a server. Add it to the children of a supervisor in otp.supervisors:"
            + " {id: ledger, server: ledger}.");
  }

  record RoomClient(DynamicSupervisor<Room.Settings, Room.Message> rooms) {}

  @Test
  void aDynamicSupervisorThatNoTreeHas(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {RoomClient.class},
        "Parameter 0 of constructor in io.otp.autoconfigure.tree.StartFailureTests$RoomClient"
            + " required a DynamicSupervisor<Room.Settings, Room.Message>, but no tree has a server"
            + " for these messages.",
        "Bean 'room' is such a server. Add it to the children of a supervisor in otp.supervisors:"
            + " {id: room, dynamic: {server: room}}.");
  }

  record TextClient(ServerRef<String> texts) {}

  @Test
  void aServerThatIsNoBean(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {TextClient.class},
        "Parameter 0 of constructor in io.otp.autoconfigure.tree.StartFailureTests$TextClient"
            + " required a ServerRef<String>, but no tree has a server for these messages.",
        "Declare a GenServer or StateMachine bean for them and add it to the children of a"
            + " supervisor in otp.supervisors: {id: …, server: …}.");
  }

  private static final String[] TWO = {
    CHILD + ".id=first",
    CHILD + ".server=ledger",
    "otp.supervisors.payments.children[1].id=second",
    "otp.supervisors.payments.children[1].server=ledger"
  };

  @Test
  void oneOfSeveral(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {Client.class},
        "Parameter 0 of constructor in io.otp.autoconfigure.tree.StartFailureTests$Client required"
            + " a ServerRef<Ledger.Message>, and there are 2: first, second.",
        "Say which: @Qualifier(\"first\").",
        TWO);
  }

  record QualifiedClient(@Qualifier("frist") ServerRef<Ledger.Message> ledger) {}

  @Test
  void aQualifierThatNobodyHas(CapturedOutput output) {
    fails(
        output,
        new Class<?>[] {QualifiedClient.class},
        "Parameter 0 of constructor in io.otp.autoconfigure.tree.StartFailureTests$QualifiedClient"
            + " required a ServerRef<Ledger.Message> called 'frist', but none with these messages"
            + " has that name.",
        "Did you mean 'first'? Known: first, second.",
        TWO);
  }
}
