package io.otp.autoconfigure.load;

import io.otp.load.Admission;
import io.otp.load.Regulator;
import io.otp.load.Ticket;
import io.otp.process.CallException;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.RequestPath;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Has requests of MVC ask their regulators, on the thread that serves them; the place is kept until
 * the response is sent, which for an asynchronous one is later.
 */
final class AdmissionFilter extends OncePerRequestFilter implements Ordered {

  private final AdmissionRules rules;

  AdmissionFilter(AdmissionRules rules) {
    this.rules = rules;
  }

  @Override
  public int getOrder() {
    return AdmissionWebFilter.ORDER;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    RequestPath path = RequestPath.parse(request.getRequestURI(), request.getContextPath());
    List<AdmissionRules.Rule> asked = rules.of(path.pathWithinApplication());
    if (asked.isEmpty()) {
      chain.doFilter(request, response);
      return;
    }
    var places = new Places();
    try {
      for (AdmissionRules.Rule rule : asked) {
        switch (ask(rule)) {
          case Admission.Admitted(var ticket, _) -> places.add(rule.regulator(), ticket);
          case Admission.Rejected rejected -> {
            refuse(rejected, response);
            return;
          }
        }
      }
      chain.doFilter(request, response);
    } finally {
      places.leaveWith(request);
    }
  }

  private static Admission ask(AdmissionRules.Rule rule) {
    try {
      return rule.regulator().ask(rule.timeout());
    } catch (CallException e) {
      return new Admission.Rejected(Admission.Cause.OVERLOAD, Refusal.SOON);
    }
  }

  private static void refuse(Admission.Rejected rejected, HttpServletResponse response) {
    Refusal refusal = Refusal.of(rejected);
    response.setStatus(refusal.status().value());
    response.setHeader(HttpHeaders.RETRY_AFTER, refusal.retryAfter());
  }

  /** The places of one request, given back once. */
  private static final class Places implements AsyncListener {

    private record Place(Regulator regulator, Ticket ticket) {}

    private final List<Place> places = new ArrayList<>();
    private final AtomicBoolean left = new AtomicBoolean();

    void add(Regulator regulator, Ticket ticket) {
      places.add(new Place(regulator, ticket));
    }

    /** Now, or when what the request has begun is complete. */
    void leaveWith(HttpServletRequest request) {
      if (!places.isEmpty() && request.isAsyncStarted()) {
        try {
          request.getAsyncContext().addListener(this);
          return;
        } catch (IllegalStateException e) {
          // it is complete
        }
      }
      leave();
    }

    private void leave() {
      if (left.compareAndSet(false, true)) {
        places.forEach(place -> place.regulator().done(place.ticket()));
      }
    }

    @Override
    public void onComplete(AsyncEvent event) {
      leave();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this); // listeners are those of one cycle
    }

    @Override
    public void onTimeout(AsyncEvent event) {} // is completed next

    @Override
    public void onError(AsyncEvent event) {} // is completed next
  }
}
