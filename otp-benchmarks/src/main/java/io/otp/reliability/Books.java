package io.otp.reliability;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Report;
import io.otp.supervisor.SupervisorReport;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the supervisors of {@link Kills} reported, and whether it adds up: each incarnation restarts
 * as often as its budget allows and gives up at the next, and the top supervisor sees the end of
 * each supervisor that was killed or gave up, once, or the failure of its start, and of no other.
 */
final class Books {

  /** One incarnation of a supervisor. */
  private static final class Book {
    final String name;
    final AtomicInteger ended = new AtomicInteger();
    final Set<Pid> children = ConcurrentHashMap.newKeySet();
    final AtomicInteger startErrors = new AtomicInteger();
    final AtomicInteger gaveUp = new AtomicInteger();

    Book(String name) {
      this.name = name;
    }
  }

  private final Map<Pid, Book> books = new ConcurrentHashMap<>();
  private final Set<Pid> killed = ConcurrentHashMap.newKeySet();

  /** In the supervisor's process. */
  void onReport(Report report) {
    if (report instanceof SupervisorReport told) {
      Book book = books.computeIfAbsent(told.supervisor(), _ -> new Book(told.name()));
      switch (told.kind()) {
        case CHILD_TERMINATED -> {
          book.ended.incrementAndGet();
          if (told.offender().pid() != null) {
            book.children.add(told.offender().pid());
          }
        }
        case START_ERROR -> book.startErrors.incrementAndGet();
        case SHUTDOWN -> book.gaveUp.incrementAndGet();
        case SHUTDOWN_ERROR -> {} // struck while it was stopped: counted with those it fell with
      }
    }
  }

  /** One that was to be killed has ended, by that or by something else. */
  void supervisorEnded(Pid pid, ExitReason reason) {
    if (reason instanceof ExitReason.Killed) {
      killed.add(pid);
    }
  }

  void check(Run run, Tree tree, Pid top) {
    Set<Pid> ended = new HashSet<>(killed);
    int restarts = 0;
    int gaveUp = 0;
    int startErrors = 0;
    for (Map.Entry<Pid, Book> entry : books.entrySet()) {
      Book book = entry.getValue();
      startErrors += book.startErrors.get();
      if (entry.getKey() == top) {
        continue;
      }
      restarts += book.ended.get() - book.gaveUp.get();
      gaveUp += book.gaveUp.get();
      if (book.gaveUp.get() != 0) {
        ended.add(entry.getKey());
      }
      checkBudget(run, entry.getKey(), book);
    }
    Book topBook = books.getOrDefault(top, new Book(Tree.TOP));
    run.check(topBook.gaveUp.get() == 0, "the top supervisor gave up");
    run.check(
        topBook.ended.get() == topBook.children.size(),
        "the top supervisor saw " + topBook.ended.get() + " ends of " + topBook.children.size());
    run.check(
        ended.containsAll(topBook.children),
        "the top supervisor saw the end of one that was not killed and did not give up");
    ended.removeAll(topBook.children);
    run.check(
        ended.size() <= topBook.startErrors.get(), // those that were struck while they started
        ended.size() + " supervisors ended unseen by the top supervisor");
    run.print(
        "%,d deaths below %d supervisors, each followed by a restart; %,d of their incarnations"
            + " gave up after %d, %,d were killed; %,d starts failed and were made again",
        restarts, tree.supervisors, gaveUp, Tree.BUDGET, killed.size(), startErrors);
    run.check(gaveUp > 0, "no supervisor gave up, so budgets were not tested");
  }

  private void checkBudget(Run run, Pid pid, Book book) {
    int attempts = book.ended.get() + book.startErrors.get();
    String who = book.name + " " + pid;
    if (!Tree.isBudgeted(book.name)) {
      run.check(book.gaveUp.get() == 0, who + " gave up, which has no limit");
      return;
    }
    boolean isOver = attempts > Tree.BUDGET;
    run.check(
        attempts <= Tree.BUDGET + 1,
        who + " restarted " + attempts + " times, its budget is " + Tree.BUDGET);
    run.check(
        book.gaveUp.get() == (isOver ? 1 : 0) || killed.contains(pid),
        who + " gave up " + book.gaveUp.get() + " times after " + attempts + " restarts");
  }
}
