package io.otp.autoconfigure.trace;

import io.otp.trace.TraceEnd;
import io.otp.trace.TraceEvent;
import io.otp.trace.TraceSession;
import io.otp.trace.TraceSink;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** The stream on WebFlux. A client that goes cancels it, which ends the trace. */
@RestController
final class FluxTraceController {

  private final TraceStreams streams;

  FluxTraceController(TraceStreams streams) {
    this.streams = streams;
  }

  /** Not on the event loop: a trace begins with a look at every process. */
  @GetMapping(OtpTraceManagementConfiguration.PATH)
  Mono<ResponseEntity<Flux<ServerSentEvent<Object>>>> trace(
      @RequestParam Map<String, String> parameters) {
    return Mono.fromCallable(() -> start(parameters)).subscribeOn(Schedulers.boundedElastic());
  }

  private ResponseEntity<Flux<ServerSentEvent<Object>>> start(Map<String, String> parameters) {
    var client = new Client();
    TraceSession session = streams.start(parameters, client);
    return ResponseEntity.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .body(client.events.asFlux().doFinally(_ -> session.close()));
  }

  @ExceptionHandler
  ResponseEntity<TraceDescriptor.Refusal> refuse(TraceRefusal refusal) {
    return ResponseEntity.status(refusal.status())
        .contentType(MediaType.APPLICATION_JSON)
        .body(refusal.body());
  }

  /** What a slow client has not read yet is kept: as many events as the trace has, at most. */
  private static final class Client implements TraceSink {
    final Sinks.Many<ServerSentEvent<Object>> events =
        Sinks.many().unicast().onBackpressureBuffer();

    @Override
    public void event(TraceEvent event) {
      TraceDescriptor shown = TraceDescriptor.of(event);
      emit(
          ServerSentEvent.<Object>builder(shown)
              .id(String.valueOf(shown.number()))
              .event("trace")
              .build());
    }

    /** A client that had gone before its trace had begun has never asked for an event. */
    @Override
    public void idle() {
      if (events.currentSubscriberCount() == 0) {
        throw new IllegalStateException("nobody reads this trace");
      }
      emit(ServerSentEvent.builder().comment("idle").build());
    }

    @Override
    public void ended(TraceEnd end) {
      events.tryEmitNext(
          ServerSentEvent.<Object>builder(TraceDescriptor.End.of(end)).event("end").build());
      events.tryEmitComplete();
    }

    private void emit(ServerSentEvent<Object> event) {
      events.tryEmitNext(event).orThrow();
    }
  }
}
