package io.otp.sample.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.registry.ProcessGroups;
import io.otp.server.ServerRef;
import io.otp.table.Tables;
import io.otp.test.OtpExtension;
import io.otp.test.Probe;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.databind.json.JsonMapper;

/** A room alone; probes are its sessions. */
class RoomTests {

  @RegisterExtension final OtpExtension otp = OtpExtension.withManualClock();

  private final ChatProperties properties =
      new Binder(new MapConfigurationPropertySource()).bindOrCreate("chat", ChatProperties.class);

  private ProcessGroups<String> presence;
  private Room code;

  @BeforeEach
  void start() {
    presence = new ProcessGroups<>(otp.runtime(), "chat");
    ServerRef<History.Message> history = otp.start(new History(otp.start(new Heir()), properties));
    code = new Room(history, presence, new ChatJson(JsonMapper.shared()), properties);
  }

  @Test
  void whoLeavesTheGroupHasLeftTheRoom() {
    ServerRef<Room.Message> room = otp.start(code, "lobby");
    Pid joe = session();
    Pid robert = session();
    enter(room, "joe", joe);
    assertThat(enter(room, "robert", robert)).containsExactly("joe", "robert");
    end(joe);
    assertThat(enter(room, "mike", session())).containsExactly("mike", "robert");
    assertThat(told()).containsExactlyInAnyOrder("robert", "mike");
  }

  /** It left the group before the room looked, so nobody would ever tell that it has gone. */
  @Test
  void whoHasDiedDoesNotComeIn() {
    Pid joe = session();
    end(joe);
    ServerRef<Room.Message> room = otp.start(code, "lobby");
    room.callAsync(new Room.Join("joe", joe, Room.NOTHING));
    assertThat(enter(room, "robert", session())).containsExactly("robert");
    assertThat(told()).containsExactly("robert");
  }

  @Test
  void itsSuccessorAwaitsWhoWasThere() {
    ServerRef<Room.Message> room = otp.start(code, "lobby");
    Pid joe = session();
    enter(room, "joe", joe);
    enter(room, "robert", session());
    end(room.whereis().orElseThrow());
    ServerRef<Room.Message> next = otp.start(code, "lobby");
    assertThat(enter(next, "joe", joe)).containsExactly("joe", "robert");
    otp.clock().advance(properties.absence());
    otp.eventually("robert is missed", () -> told().equals(List.of("joe")));
  }

  // --- steps

  /** Is in the group from its start, as a session is. */
  private Pid session() {
    Probe probe = otp.probe();
    presence.join("lobby", probe.pid());
    return probe.pid();
  }

  private static List<String> enter(ServerRef<Room.Message> room, String user, Pid session) {
    return switch (room.call(new Room.Join(user, session, Room.NOTHING))) {
      case Room.Entered entered -> entered.members();
      case Room.Crowded crowded -> throw new AssertionError(crowded);
    };
  }

  private List<String> told() {
    return Tables.of(otp.runtime()).find(Heir.MEMBERS).lookup("lobby");
  }

  private void end(Pid process) {
    otp.runtime().exit(process, ExitReason.KILL);
    otp.eventually(process + " has ended", () -> !otp.runtime().isAlive(process));
  }
}
