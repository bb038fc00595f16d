package io.otp.sample.chat;

import io.otp.process.CallException;
import io.otp.table.TableException;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Ends a request with a {@link Problem}. */
final class ProblemException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final transient Problem problem;

  ProblemException(HttpStatus status, Problem problem) {
    super(problem.message(), null, false, false);
    this.status = status;
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }

  /** The request is wrong. */
  static void throwIf(Optional<Problem> problem) {
    if (problem.isPresent()) {
      throw new ProblemException(HttpStatus.BAD_REQUEST, problem.get());
    }
  }

  @RestControllerAdvice
  static class Advice {

    @ExceptionHandler
    ResponseEntity<Problem> answer(ProblemException e) {
      return ResponseEntity.status(e.status).body(e.problem);
    }

    /** A process that was needed is being restarted, or has too much to do. */
    @ExceptionHandler({CallException.class, TableException.class})
    ResponseEntity<Problem> busy() {
      return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
          .body(new Problem("busy", "The service cannot answer now. Try again."));
    }
  }
}
