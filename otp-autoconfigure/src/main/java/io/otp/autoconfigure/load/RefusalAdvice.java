package io.otp.autoconfigure.load;

import io.otp.autoconfigure.breaker.BreakerOpenException;
import io.otp.load.RejectedException;
import io.otp.process.CallException;
import io.otp.process.MailboxFullException;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/**
 * Answers 429 or 503 where a controller, of WebFlux or of MVC, lets a refusal pass. Advice of the
 * application comes first. The texts of the exceptions are for logs and are not sent.
 */
@ControllerAdvice
@Order
final class RefusalAdvice {

  @ExceptionHandler
  ResponseEntity<ProblemDetail> rejected(RejectedException e) {
    return answer(Refusal.of(e.reason(), e.retryAfter()));
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> open(BreakerOpenException e) {
    return answer(Refusal.overload(e.retryAfter()));
  }

  @ExceptionHandler({MailboxFullException.class, CallException.MailboxFullException.class})
  ResponseEntity<ProblemDetail> mailboxFull() {
    return answer(Refusal.overload(Refusal.SOON));
  }

  private static ResponseEntity<ProblemDetail> answer(Refusal refusal) {
    return ResponseEntity.status(refusal.status())
        .header(HttpHeaders.RETRY_AFTER, refusal.retryAfter())
        .body(ProblemDetail.forStatus(refusal.status()));
  }
}
