package io.otp.autoconfigure.tree;

import io.otp.application.ApplicationType;
import io.otp.supervisor.AutoShutdown;
import io.otp.supervisor.Heartbeat;
import io.otp.supervisor.Restart;
import io.otp.supervisor.Shutdown;
import io.otp.supervisor.Strategy;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What configuration says of trees, before any bean exists. Every definition knows the key it was
 * read from.
 */
final class TreeDefinition {

  private TreeDefinition() {}

  /**
   * An application: {@code otp.applications.name}, or {@code otp.supervisors.name} for one with
   * defaults.
   *
   * @param dependsOn names of applications that are started before it and stopped after it
   * @param module the bean that starts it, {@code null} if that is nothing but its supervisor
   */
  record Application(
      String name,
      ApplicationType type,
      String description,
      String version,
      List<String> dependsOn,
      List<String> optionalDependsOn,
      List<String> includes,
      List<String> startPhases,
      @Nullable Duration maxTime,
      @Nullable String module,
      Tree supervisor,
      Key key)
      implements StartOrder.Node {

    /** One that is nothing but a permanent supervisor. */
    static Application of(Tree supervisor) {
      return new Application(
          supervisor.name(),
          ApplicationType.PERMANENT,
          "",
          "",
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          null,
          null,
          supervisor,
          supervisor.key());
    }

    @Override
    public String dependsOnCited() {
      return key.child("depends-on").cited();
    }
  }

  /**
   * What configuration says of an application that is a bean.
   *
   * @param type {@code null}: the default
   */
  record Settings(String name, @Nullable ApplicationType type, Key key) {}

  /** A supervisor; registered under its name. */
  record Tree(
      String name,
      Strategy strategy,
      int intensity,
      Duration period,
      AutoShutdown autoShutdown,
      @Nullable Context context,
      List<Child> children,
      Key key) {

    /** With one more child, the last. */
    Tree withChild(Child child) {
      return new Tree(
          name,
          strategy,
          intensity,
          period,
          autoShutdown,
          context,
          Stream.concat(children.stream(), Stream.of(child)).toList(),
          key);
    }

    /** Every name that something below it registers, with the key that says so. */
    Stream<Named> names() {
      return Stream.concat(
          Stream.of(new Named(name, key)),
          children.stream()
              .flatMap(
                  child ->
                      switch (child) {
                        case Server server -> Stream.of(new Named(server.name(), server.key()));
                        case Subtree subtree -> subtree.tree().names();
                        case Dynamic dynamic -> Stream.of(new Named(dynamic.id(), dynamic.key()));
                        case Events events -> Stream.of(new Named(events.name(), events.key()));
                      }));
    }
  }

  /**
   * The context that a supervisor owns.
   *
   * @param configuration names of configuration classes
   */
  record Context(List<String> configuration, Key key) {}

  /** A name that a process registers, and what says so. */
  record Named(String name, Object where) {}

  sealed interface Child {
    String id();

    Key key();
  }

  /**
   * A server bean.
   *
   * @param bean the bean's name
   * @param name the name the process registers
   * @param args where its start arguments are, which may be nothing
   */
  record Server(
      String id,
      String bean,
      String name,
      Key args,
      @Nullable Restart restart,
      @Nullable Shutdown shutdown,
      boolean significant,
      @Nullable Heartbeat heartbeat,
      Key key)
      implements Child {}

  /** A supervisor below a supervisor. */
  record Subtree(
      String id,
      Tree tree,
      @Nullable Restart restart,
      @Nullable Shutdown shutdown,
      boolean significant,
      Key key)
      implements Child {}

  /** Any number of servers of one bean; registered under its id. */
  record Dynamic(
      String id,
      String bean,
      Restart restart,
      @Nullable Shutdown shutdown,
      int maxChildren,
      int intensity,
      Duration period,
      @Nullable Heartbeat heartbeat,
      Key key)
      implements Child {}

  /**
   * An event manager bean.
   *
   * @param bean the bean's name
   * @param name the name the process registers
   * @param handlers names of handler beans that it begins with, in the order in which they are
   *     added
   */
  record Events(
      String id,
      String bean,
      String name,
      List<String> handlers,
      @Nullable Restart restart,
      @Nullable Shutdown shutdown,
      boolean significant,
      Key key)
      implements Child {}
}
