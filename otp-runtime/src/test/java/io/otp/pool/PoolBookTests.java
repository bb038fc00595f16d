package io.otp.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.TestRuntime;
import io.otp.process.From;
import io.otp.process.Pid;
import io.otp.process.Ref;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a pool decides, without processes. */
class PoolBookTests {

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  private final List<Pid> started = new ArrayList<>();
  private final List<Pid> dismissed = new ArrayList<>();
  private final List<Ref> monitors = new ArrayList<>();

  private final PoolBook.Workers workers =
      new PoolBook.Workers() {
        @Override
        public Pid start() {
          started.add(otp.runtime().nobody());
          return started.getLast();
        }

        @Override
        public void dismiss(Pid worker) {
          dismissed.add(worker);
        }

        @Override
        public @Nullable Ref monitor(From<Optional<Pid>> client) {
          monitors.add(Ref.create());
          return monitors.getLast();
        }

        @Override
        public void demonitor(@Nullable Ref monitor) {
          monitors.remove(monitor);
        }
      };

  private PoolBook book(int size, int overflow) {
    return new PoolBook(PoolOptions.DEFAULT.withSize(size).withMaxOverflow(overflow), workers);
  }

  /** A client and what it was answered. */
  private final class Client {
    final Ref ticket = Ref.create();
    final List<Optional<Pid>> answers = new ArrayList<>();

    Client(PoolBook book, boolean block) {
      book.checkout(ticket, block, From.to(answers::add));
    }

    Pid worker() {
      assertThat(answers).hasSize(1);
      return answers.getFirst().orElseThrow();
    }
  }

  @Test
  void workerOfAClientThatGaveUpJustThenComesBack() {
    PoolBook book = book(1, 0);
    var late = new Client(book, true);
    book.cancel(late.ticket);
    assertThat(book.status().lent()).isZero();
    assertThat(monitors).isEmpty();
    assertThat(new Client(book, false).worker()).isEqualTo(late.worker());
  }

  @Test
  void clientThatGaveUpIsNotWaitedForAndGetsNothing() {
    PoolBook book = book(1, 0);
    var first = new Client(book, true);
    var second = new Client(book, true);
    var third = new Client(book, true);
    book.cancel(second.ticket);
    book.cancel(second.ticket);
    book.checkin(first.worker());
    assertThat(second.answers).isEmpty();
    assertThat(third.worker()).isEqualTo(first.worker());
    assertThat(monitors).hasSize(1);
  }

  @Test
  void clientThatEndsWhileItWaitsGetsNothing() {
    PoolBook book = book(1, 0);
    var first = new Client(book, true);
    var second = new Client(book, true);
    book.clientEnded(monitors.getLast());
    book.checkin(first.worker());
    assertThat(second.answers).isEmpty();
    assertThat(book.status()).isEqualTo(new PoolStatus(PoolStatus.State.READY, 1, 0, 0, 0));
  }

  @Test
  void clientThatEndsGivesItsWorkerToWhoWaits() {
    PoolBook book = book(1, 0);
    var first = new Client(book, true);
    Ref monitor = monitors.getLast();
    var second = new Client(book, true);
    book.clientEnded(monitor);
    assertThat(second.worker()).isEqualTo(first.worker());
    book.clientEnded(monitor); // stale
    assertThat(book.status().lent()).isEqualTo(1);
  }

  @Test
  void overflowIsDismissedOnlyIfNobodyWaits() {
    PoolBook book = book(1, 1);
    var first = new Client(book, true);
    var second = new Client(book, true);
    var third = new Client(book, true);
    assertThat(started).hasSize(2);
    book.checkin(second.worker());
    assertThat(third.worker()).isEqualTo(second.worker());
    assertThat(dismissed).isEmpty();
    book.checkin(third.worker());
    assertThat(dismissed).containsExactly(third.worker());
    book.checkin(first.worker());
    assertThat(dismissed).hasSize(1);
    assertThat(book.workerEnded(third.worker())).as("dismissed, so none of ours").isFalse();
    assertThat(started).hasSize(2);
  }
}
