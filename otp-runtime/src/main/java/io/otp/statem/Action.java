package io.otp.statem;

/**
 * What a transition does besides. Made by the static methods of {@link Transition}; done in the
 * order in which they are given.
 *
 * @see <a
 *     href="https://www.erlang.org/doc/apps/stdlib/gen_statem.html#t:action/0">gen_statem:action()</a>
 */
public sealed interface Action
    permits EnterAction, Actions.Postpone, Actions.NextEvent, Actions.ChangeModule {}
