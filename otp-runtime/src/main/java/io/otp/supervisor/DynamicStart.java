package io.otp.supervisor;

import io.otp.process.Self;
import io.otp.server.StartResult;
import org.jspecify.annotations.Nullable;

/**
 * Starts a child of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor from the arguments given to
 * {@code start_child}. A restart gets the same arguments again, so they must be immutable; those of
 * a temporary child are not kept.
 *
 * <p>Unlike OTP, which appends a list of arguments to those of the spec, it is one value: a record
 * where there are several.
 *
 * @param <A> the arguments
 */
@FunctionalInterface
public interface DynamicStart<A extends @Nullable Object> extends ChildStart {

  /**
   * Starts a process and links it to the supervisor; see {@link ChildStart#start(Self)}.
   *
   * @param args as given to {@code start_child}
   */
  StartResult start(A args, Self<Object> supervisor) throws Exception;

  /** Not possible without arguments; no supervisor calls it. */
  @Override
  default StartResult start(Self<Object> supervisor) {
    throw new IllegalStateException("The start function of a template needs start arguments");
  }
}
