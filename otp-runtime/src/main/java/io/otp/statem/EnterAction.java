package io.otp.statem;

/**
 * An action that a state enter call may return as well: replies, timeouts, hibernation. The others
 * are for events only, and do not compile there.
 *
 * @see <a href="https://www.erlang.org/doc/apps/stdlib/gen_statem.html#t:enter_action/0">
 *     gen_statem:enter_action()</a>
 */
public sealed interface EnterAction extends Action
    permits Reply, Actions.SetTimeout, Actions.Hibernate {}
