package io.otp.benchmarks;

import io.otp.process.Info;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** An application with a dynamic supervisor {@code room} of servers that have nothing to do. */
@SpringBootConfiguration
@EnableAutoConfiguration
public class Hotel {

  /** Made by Spring. */
  public Hotel() {}

  /** Has nothing to do. */
  public static final class Room implements GenServer<Object, Integer> {
    private Room() {}

    @Override
    public Integer init(NoArgs args, Self<Object> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Object message, Integer state, Self<Object> self) {
      return Next.noreply(state);
    }

    @Override
    public Next<Integer> handleInfo(Info info, Integer state, Self<Object> self) {
      return Next.noreply(state);
    }
  }

  @Bean
  Room room() {
    return new Room();
  }

  /** The application, with room for so many servers and every endpoint exposed. */
  public static SpringApplication application(int servers) {
    var application = new SpringApplication(Hotel.class);
    application.setDefaultProperties(
        Map.of(
            "server.port", 0,
            "server.address", "127.0.0.1",
            "spring.main.banner-mode", "off",
            "logging.level.root", "warn",
            "management.endpoints.web.exposure.include", "*",
            "otp.max-processes", servers + 1_000,
            "otp.supervisors.hotel.children[0].id", "room",
            "otp.supervisors.hotel.children[0].dynamic.server", "room"));
    return application;
  }
}
