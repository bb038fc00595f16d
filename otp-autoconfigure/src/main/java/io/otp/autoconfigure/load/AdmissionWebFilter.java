package io.otp.autoconfigure.load;

import io.otp.load.Admission;
import io.otp.load.Regulator;
import io.otp.process.CallException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Has requests of WebFlux ask their regulators; the place is kept until the response is sent. */
final class AdmissionWebFilter implements WebFilter, Ordered {

  /** Before security: it is the cheaper of both, and there to keep work away. */
  static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 50;

  private final AdmissionRules rules;

  AdmissionWebFilter(AdmissionRules rules) {
    this.rules = rules;
  }

  @Override
  public int getOrder() {
    return ORDER;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return pass(rules.of(exchange.getRequest().getPath().pathWithinApplication()), exchange, chain);
  }

  private static Mono<Void> pass(
      List<AdmissionRules.Rule> rules, ServerWebExchange exchange, WebFilterChain chain) {
    if (rules.isEmpty()) {
      return chain.filter(exchange);
    }
    return Mono.defer(
        () -> {
          AdmissionRules.Rule rule = rules.getFirst();
          Regulator regulator = rule.regulator();
          CompletableFuture<Admission> asked = regulator.askAsync(rule.timeout());
          return Mono.fromFuture(asked, true)
              .onErrorResume(
                  CallException.class,
                  _ -> Mono.just(new Admission.Rejected(Admission.Cause.OVERLOAD, Refusal.SOON)))
              .flatMap(
                  admission ->
                      switch (admission) {
                        case Admission.Admitted _ ->
                            pass(rules.subList(1, rules.size()), exchange, chain);
                        case Admission.Rejected rejected -> refuse(rejected, exchange);
                      })
              .doFinally(_ -> regulator.done(asked)); // also where the client has gone away
        });
  }

  private static Mono<Void> refuse(Admission.Rejected rejected, ServerWebExchange exchange) {
    Refusal refusal = Refusal.of(rejected);
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(refusal.status());
    response.getHeaders().set(HttpHeaders.RETRY_AFTER, refusal.retryAfter());
    return response.setComplete();
  }
}
