package io.otp.autoconfigure.trace;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;

/**
 * Traces of chosen processes. An endpoint cannot stream, so the stream is a controller of the
 * management context; this says whether it is there, and lets tools and security know its path.
 */
@Endpoint(id = "otptrace", defaultAccess = Access.NONE)
public final class OtpTraceEndpoint {

  private final TraceStreams streams;

  OtpTraceEndpoint(TraceStreams streams) {
    this.streams = streams;
  }

  TraceStreams streams() {
    return streams;
  }
}
