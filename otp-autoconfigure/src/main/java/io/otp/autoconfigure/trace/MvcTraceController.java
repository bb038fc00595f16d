package io.otp.autoconfigure.trace;

import io.otp.trace.TraceEnd;
import io.otp.trace.TraceEvent;
import io.otp.trace.TraceSession;
import io.otp.trace.TraceSink;
import java.io.IOException;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The stream on MVC. What is written to a client that has gone fails, and ends the trace. */
@RestController
final class MvcTraceController {

  /** The trace ends before this; it only keeps the container from ending the request earlier. */
  private static final long NEVER = 0;

  private final TraceStreams streams;

  MvcTraceController(TraceStreams streams) {
    this.streams = streams;
  }

  @GetMapping(OtpTraceManagementConfiguration.PATH)
  ResponseEntity<SseEmitter> trace(@RequestParam Map<String, String> parameters) {
    var emitter = new SseEmitter(NEVER);
    TraceSession session = streams.start(parameters, new Client(emitter));
    emitter.onCompletion(session::close);
    emitter.onError(_ -> session.close());
    return ResponseEntity.ok().contentType(MediaType.TEXT_EVENT_STREAM).body(emitter);
  }

  @ExceptionHandler
  ResponseEntity<TraceDescriptor.Refusal> refuse(TraceRefusal refusal) {
    return ResponseEntity.status(refusal.status())
        .contentType(MediaType.APPLICATION_JSON)
        .body(refusal.body());
  }

  private record Client(SseEmitter emitter) implements TraceSink {

    @Override
    public void event(TraceEvent event) throws IOException {
      TraceDescriptor shown = TraceDescriptor.of(event);
      emitter.send(
          SseEmitter.event()
              .id(String.valueOf(shown.number()))
              .name("trace")
              .data(shown, MediaType.APPLICATION_JSON));
    }

    @Override
    public void idle() throws IOException {
      emitter.send(SseEmitter.event().comment("idle"));
    }

    @Override
    public void ended(TraceEnd end) {
      try {
        if (end != TraceEnd.CONSUMER) {
          emitter.send(
              SseEmitter.event()
                  .name("end")
                  .data(TraceDescriptor.End.of(end), MediaType.APPLICATION_JSON));
        }
      } catch (IOException | IllegalStateException e) {
        // it has gone, which is no news to anybody
      }
      emitter.complete();
    }
  }
}
