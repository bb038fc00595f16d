/**
 * Event managers: {@code gen_event}, its handlers and its life. A manager is a process that hands
 * every event to each of its handlers in turn, the one added last first; handlers come and go while
 * it runs. A handler that fails goes alone, the manager and the others stay.
 */
@NullMarked
package io.otp.event;

import org.jspecify.annotations.NullMarked;
