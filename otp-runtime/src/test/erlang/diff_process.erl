%% Processes and signals. The Java half is ProcessDifferentialTests.
-module(diff_process).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, ev/2, flush/0, next/0, error_of/1, ended/1, await/1]).

scenarios() ->
    [exit_matrix, self_exit_matrix, link_broken_matrix, link_to_killed, crash_reasons, crash_at_start,
     link_noproc, monitor_noproc, monitor_by_name, monitor_follows_process, register_errors,
     two_monitors_two_links, demonitor_variants, unlink_leaves_queued_exit, unlink_then_death, trap_toggle,
     name_freed_before_down, name_freed_before_exit, dead_after_own_kill, kill_trapped, spawn_link_order,
     spawn_monitor_order, link_and_monitor_order, exit_twice, kill_then_monitor, kill_then_link, receive_order,
     first_message_wins, after_zero, after_is_not_restarted, send_to_nobody, send_by_pid_and_name,
     nothing_inherited, link_and_monitor_self, links_are_symmetric, exit_dead, alias_explicit, alias_reply,
     alias_of_monitor, alias_after_down, alias_of_other, message_then_exit, killed_spreads_as_killed,
     normal_exit_spreads_not, spawn_does_not_wait, dictionary, info_of_dead, info_after_own_signals, send_to_self,
     name_at_send, suspended_dies, gone_when_told, link_of_both_sides].

reasons() -> [normal, shutdown, {shutdown, x}, boom, kill, killed, noproc].

echo(To, Trap) ->
    process_flag(trap_exit, Trap),
    To ! ready,
    echo(To).

echo(To) ->
    receive M -> To ! {got, M}, echo(To) end.

exit_matrix() ->
    Me = self(),
    [begin
         P = spawn(fun() -> echo(Me, Trap) end),
         ready = next(),
         M = monitor(process, P),
         exit(P, R),
         P ! ping,
         case next() of
             {'DOWN', M, process, P, Why} -> ev([Trap, R, dead, Why]);
             {got, ping} -> ev([Trap, R, ignored]);
             {got, {'EXIT', Me, Why}} -> {got, ping} = next(), ev([Trap, R, message, Why])
         end,
         demonitor(M, [flush]),
         exit(P, kill)
     end || Trap <- [false, true], R <- reasons()].

self_exit_matrix() ->
    Me = self(),
    [begin
         {P, M} = spawn_monitor(fun() ->
             process_flag(trap_exit, Trap),
             try exit(self(), R) catch _:_ -> caught end,
             Me ! {went_on, flush()}
         end),
         case next() of
             {'DOWN', M, process, P, End} -> ev([Trap, R, did_not_go_on, End]);
             {went_on, [{'EXIT', P, Why}]} ->
                 {'DOWN', M, process, P, End} = next(),
                 ev([Trap, R, message, Why, End])
         end
     end || Trap <- [false, true], R <- [normal, shutdown, boom, kill]].

link_broken_matrix() ->
    Me = self(),
    [begin
         S = spawn(fun() ->
             process_flag(trap_exit, Trap),
             Me ! {peer, spawn_link(fun() -> receive go -> exit(R) end end)},
             echo(Me)
         end),
         P = receive {peer, X} -> X end,
         M = monitor(process, S),
         P ! go,
         ended(P),
         S ! ping,
         case next() of
             {'DOWN', M, process, S, Why} -> ev([Trap, R, dead, Why]);
             {got, ping} -> ev([Trap, R, ignored]);
             {got, {'EXIT', P, Why}} -> {got, ping} = next(), ev([Trap, R, message, Why])
         end,
         demonitor(M, [flush]),
         exit(S, kill)
     end || Trap <- [false, true], R <- reasons()].

link_to_killed() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> receive never -> ok end end),
    exit(P, kill),
    ev(next()).

crash_reasons() ->
    [begin
         {P, M} = spawn_monitor(F),
         {'DOWN', M, process, P, Why} = next(),
         ev(Name, Why)
     end || {Name, F} <- [{returns, fun() -> ok end}, {exit, fun() -> exit(bye) end},
                          {error, fun() -> error(bad) end}, {throw, fun() -> throw(ball) end}]].

crash_at_start() ->
    process_flag(trap_exit, true),
    {P, M} = spawn_monitor(nomodule, nofunction, []),
    {'DOWN', M, process, P, Why} = next(),
    ev(monitored, Why),
    L = spawn_link(nomodule, nofunction, []),
    {'EXIT', L, Why2} = next(),
    ev(linked, Why2).

dead() ->
    P = spawn(fun() -> ok end),
    ended(P),
    P.

link_noproc() ->
    Dead = dead(),
    ev(not_trapping, error_of(fun() -> link(Dead) end)),
    ev(caught_so_lives_on, flush()),
    {P, M} = spawn_monitor(fun() -> link(Dead) end),
    {'DOWN', M, process, P, _} = next(),
    process_flag(trap_exit, true),
    link(Dead),
    ev(trapping, flush()).

monitor_noproc() ->
    monitor(process, dead()),
    ev(dead, flush()),
    monitor(process, nobody),
    ev(name, flush()).

monitor_by_name() ->
    P = spawn(fun() -> receive X -> exit(X) end end),
    register(diff_name, P),
    monitor(process, diff_name),
    P ! boom,
    ev(next()).

monitor_follows_process() ->
    A = spawn(fun() -> receive X -> exit(X) end end),
    B = spawn(fun() -> receive X -> exit(X) end end),
    register(diff_name, A),
    monitor(process, diff_name),
    unregister(diff_name),
    register(diff_name, B),
    B ! second,
    ended(B),
    ev(after_second, flush()),
    A ! first,
    ev(after_first, next()).

register_errors() ->
    P = spawn(fun() -> receive x -> ok end end),
    ok(first, fun() -> register(diff_a, P) end),
    ok(again, fun() -> register(diff_a, P) end),
    ok(other_name_same_pid, fun() -> register(diff_b, P) end),
    ok(taken, fun() -> register(diff_a, self()) end),
    ok(undefined, fun() -> register(undefined, self()) end),
    Dead = dead(),
    ok(dead, fun() -> register(diff_c, Dead) end),
    ok(unregister_unknown, fun() -> unregister(diff_unknown) end),
    ev(whereis_unknown, whereis(diff_unknown)),
    ok(unregister, fun() -> unregister(diff_a) end),
    ok(then_other_name, fun() -> register(diff_b, P) end),
    exit(P, kill),
    ended(P),
    ev(whereis_after_death, whereis(diff_b)).

ok(What, F) ->
    ev(What, case error_of(F) of true -> ok; Error -> Error end).

two_monitors_two_links() ->
    process_flag(trap_exit, true),
    P = spawn(fun() -> receive X -> exit(X) end end),
    link(P), link(P),
    monitor(process, P), monitor(process, P),
    P ! bye,
    ev(lists:sort([element(1, next()) || _ <- [1, 2, 3]])),
    ev(flush()).

demonitor_variants() ->
    P1 = spawn(fun() -> receive x -> ok end end),
    M1 = monitor(process, P1),
    ev(active, demonitor(M1, [info])),
    ev(again, demonitor(M1, [info])),
    ev(again_flush, demonitor(M1, [info, flush])),
    P1 ! x,
    ev(messages, flush()),
    P2 = spawn(fun() -> receive x -> ok end end),
    M2 = monitor(process, P2),
    P2 ! x,
    ended(P2),
    ev(fired, demonitor(M2, [info])),
    ev(message_stays, flush()),
    P3 = spawn(fun() -> receive x -> ok end end),
    M3 = monitor(process, P3),
    P3 ! x,
    ended(P3),
    ev(fired_flush, demonitor(M3, [info, flush])),
    ev(message_gone, flush()).

unlink_leaves_queued_exit() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> exit(boom) end),
    ended(P),
    unlink(P),
    ev(flush()).

unlink_then_death() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> receive x -> exit(boom) end end),
    unlink(P),
    unlink(P),
    P ! x,
    ended(P),
    ev(flush()).

trap_toggle() ->
    ev(before, process_flag(trap_exit, true)),
    P = spawn_link(fun() -> exit(boom) end),
    ended(P),
    ev(was, process_flag(trap_exit, false)),
    ev(queued_exit_stays, flush()),
    Q = spawn_link(fun() -> ok end),
    ended(Q),
    process_flag(trap_exit, true),
    ev(ignored_exit_does_not_come_back, flush()).

name_freed_before_down() ->
    ev(length([x || _ <- lists:seq(1, 2000), begin
        P = spawn(fun() -> receive x -> ok end end),
        register(diff_name, P),
        monitor(process, P),
        P ! x,
        next(),
        whereis(diff_name) =/= undefined
    end])).

name_freed_before_exit() ->
    process_flag(trap_exit, true),
    ev(length([x || _ <- lists:seq(1, 2000), begin
        P = spawn_link(fun() -> receive x -> ok end end),
        register(diff_name, P),
        exit(P, kill),
        next(),
        whereis(diff_name) =/= undefined
    end])).

dead_after_own_kill() ->
    ev(length([x || _ <- lists:seq(1, 2000), begin
        P = spawn(fun() -> receive x -> ok end end),
        exit(P, kill),
        is_process_alive(P)
    end])).

kill_trapped() ->
    Me = self(),
    {P, _} = spawn_monitor(fun() -> echo(Me, true) end),
    ready = next(),
    exit(P, boom),
    ev(next()),
    exit(P, kill),
    ev(next()).

spawn_link_order() ->
    process_flag(trap_exit, true),
    Me = self(),
    spawn_link(fun() -> Me ! m1, Me ! m2, exit(r) end),
    [ev(next()) || _ <- [1, 2, 3]].

spawn_monitor_order() ->
    Me = self(),
    spawn_monitor(fun() -> Me ! m1, Me ! m2 end),
    [ev(next()) || _ <- [1, 2, 3]].

link_and_monitor_order() ->
    process_flag(trap_exit, true),
    spawn_opt(fun() -> exit(r) end, [link, monitor]),
    [ev(next()) || _ <- [1, 2]].

exit_twice() ->
    P = spawn(fun() -> receive x -> ok end end),
    monitor(process, P),
    exit(P, kill), exit(P, boom),
    ev(next()),
    Q = spawn(fun() -> receive x -> ok end end),
    monitor(process, Q),
    exit(Q, boom), exit(Q, kill),
    ev(next()).

kill_then_monitor() ->
    P = spawn(fun() -> receive x -> ok end end),
    register(diff_name, P),
    exit(P, kill),
    monitor(process, P),
    ev(next()),
    ev(whereis(diff_name)).

kill_then_link() ->
    process_flag(trap_exit, true),
    P = spawn(fun() -> receive x -> ok end end),
    exit(P, kill),
    link(P),
    ev(next()).

receive_order() ->
    [self() ! M || M <- [a, b, c, d]],
    receive c -> ok after 0 -> ev(missing) end,
    receive a -> ok after 0 -> ev(missing) end,
    self() ! e,
    ev(flush()).

first_message_wins() ->
    [self() ! M || M <- [1, b, a]],
    ev(receive a -> first_clause; b -> second_clause after 0 -> none end),
    ev(flush()).

after_zero() ->
    ev(receive _ -> something after 0 -> nothing end),
    self() ! x,
    ev(receive y -> y after 0 -> nothing end),
    ev(receive x -> x after 0 -> nothing end),
    ev(error_of(fun() -> receive z -> z after -1 -> nothing end end)).

after_is_not_restarted() ->
    Me = self(),
    Noise = spawn(fun() -> noise(Me) end),
    T0 = erlang:monotonic_time(millisecond),
    receive never -> ok after 100 -> ok end,
    T = erlang:monotonic_time(millisecond) - T0,
    exit(Noise, kill),
    ev(not_early, T >= 100),
    ev(not_restarted, T < 5000).

noise(To) -> timer:sleep(10), To ! noise, noise(To).

send_to_nobody() ->
    dead() ! x,
    ev(dead, sent),
    ev(name, error_of(fun() -> nobody ! x end)).

send_by_pid_and_name() ->
    register(diff_name, self()),
    Me = self(),
    spawn(fun() -> [begin Me ! {pid, N}, diff_name ! {name, N} end || N <- [1, 2, 3]] end),
    [ev(next()) || _ <- lists:seq(1, 6)].

nothing_inherited() ->
    Me = self(),
    put(key, value),
    process_flag(trap_exit, true),
    register(diff_name, self()),
    spawn(fun() ->
        Me ! {get(key), process_info(self(), trap_exit), process_info(self(), registered_name),
              process_info(self(), links), process_info(self(), monitors)}
    end),
    {Key, {_, Trap}, Name, {_, Links}, {_, Monitors}} = next(),
    ev([Key, Trap, Name, Links, Monitors]).

link_and_monitor_self() ->
    process_flag(trap_exit, true),
    ok(link, fun() -> link(self()) end),
    monitor(process, self()),
    ok(unlink, fun() -> unlink(self()) end),
    ev(flush()).

links_are_symmetric() ->
    Me = self(),
    [begin
         A = spawn(fun() -> process_flag(trap_exit, true), Me ! {self(), ready}, Me ! next(), receive never -> ok end end),
         receive {A, ready} -> ok end,
         B = spawn(fun() -> process_flag(trap_exit, true), link(A), Me ! linked, Me ! next(), receive never -> ok end end),
         linked = next(),
         exit(case Dies of linked -> A; linker -> B end, kill),
         {'EXIT', _, Why} = next(),
         ev(Dies, Why),
         exit(A, kill), exit(B, kill)
     end || Dies <- [linked, linker]].

exit_dead() ->
    Dead = dead(),
    ok(kill, fun() -> exit(Dead, kill) end),
    ok(boom, fun() -> exit(Dead, boom) end),
    ev(flush()).

alias_explicit() ->
    A = alias(),
    A ! one,
    A ! two,
    ev(flush()),
    ev(unalias(A)),
    ev(unalias(A)),
    A ! three,
    ev(flush()).

alias_reply() ->
    A = alias([reply]),
    A ! one,
    A ! two,
    ev(flush()),
    ev(unalias(A)).

alias_of_monitor() ->
    P = spawn(fun() -> receive x -> ok end end),
    D = monitor(process, P, [{alias, demonitor}]),
    D ! one,
    ev(flush()),
    demonitor(D),
    D ! two,
    ev(flush()),
    R = monitor(process, P, [{alias, reply_demonitor}]),
    R ! one,
    R ! two,
    ev(flush()),
    ev(monitored, element(2, process_info(P, monitored_by))),
    P ! x,
    ended(P),
    ev(no_down_after_reply, flush()).

alias_after_down() ->
    P = spawn(fun() -> receive x -> ok end end),
    E = monitor(process, P, [{alias, explicit_unalias}]),
    D = monitor(process, P, [{alias, demonitor}]),
    P ! x,
    ended(P),
    ev(lists:sort([element(1, M) || M <- flush()])),
    E ! explicit,
    D ! demonitor,
    ev(flush()),
    ev(unalias(E)).

alias_of_other() ->
    Me = self(),
    P = spawn(fun() -> Me ! alias(), Me ! next(), receive never -> ok end end),
    A = receive R -> R end,
    ev(unalias(A)),
    A ! hello,
    ev(next()),
    exit(P, kill).

message_then_exit() ->
    Me = self(),
    P = spawn(fun() -> process_flag(trap_exit, true), Me ! ready, [Me ! {N, next()} || N <- [1, 2, 3, 4]] end),
    ready = next(),
    P ! a, exit(P, b), P ! c, exit(P, d),
    [ev(next()) || _ <- [1, 2, 3, 4]].

killed_spreads_as_killed() ->
    process_flag(trap_exit, true),
    Me = self(),
    spawn_link(fun() ->
        Me ! {inner, spawn_link(fun() -> receive never -> ok end end)},
        receive never -> ok end
    end),
    {inner, Inner} = next(),
    exit(Inner, kill),
    {'EXIT', _, Why} = next(),
    ev(Why).

normal_exit_spreads_not() ->
    process_flag(trap_exit, true),
    Me = self(),
    Outer = spawn_link(fun() ->
        Me ! {inner, spawn_link(fun() -> receive end_it -> ok end end)},
        receive end_it -> ok end
    end),
    {inner, Inner} = next(),
    Inner ! end_it,
    ended(Inner),
    ev(is_process_alive(Outer)),
    Outer ! end_it,
    {'EXIT', _, Why} = next(),
    ev(Why).

spawn_does_not_wait() ->
    Me = self(),
    P = spawn(fun() -> Me ! {started_with, next()} end),
    P ! go,
    ev(next()).

dictionary() ->
    ev(first, put(key, 1)),
    ev(again, put(key, 2)),
    ev(get, get(key)),
    ev(erase, erase(key)),
    ev(erased, get(key)).

info_of_dead() ->
    ev(process_info(dead())).

info_after_own_signals() ->
    P = spawn(fun() -> receive never -> ok end end),
    [P ! N || N <- [1, 2, 3]],
    ev(element(2, process_info(P, message_queue_len))),
    link(P),
    ev(element(2, process_info(P, links)) =:= [self()]),
    unlink(P),
    ev(element(2, process_info(P, links))),
    M = monitor(process, P),
    ev(element(2, process_info(P, monitored_by)) =:= [self()]),
    demonitor(M),
    ev(element(2, process_info(P, monitored_by))).

send_to_self() ->
    self() ! a,
    register(diff_name, self()),
    diff_name ! b,
    self() ! c,
    ev(flush()).

name_at_send() ->
    Me = self(),
    Tell = fun(Who) -> spawn(fun() -> Me ! {Who, next()}, receive never -> ok end end) end,
    First = Tell(first),
    Second = Tell(second),
    register(diff_name, First),
    diff_name ! a,
    ev(next()),
    unregister(diff_name),
    register(diff_name, Second),
    diff_name ! b,
    ev(next()),
    exit(Second, kill),
    ended(Second).

suspended_dies() ->
    [begin
         P = spawn(fun() -> receive never -> ok end end),
         erlang:suspend_process(P),
         M = monitor(process, P),
         exit(P, normal),
         exit(P, R),
         {'DOWN', M, process, P, Why} = next(),
         ev([R, Why])
     end || R <- [shutdown, boom, kill]].

gone_when_told() ->
    ev(length([x || N <- lists:seq(1, 500), begin
        P = spawn(fun() -> receive x -> ok end end),
        register(diff_name, P),
        T = erlang:send_after(3600000, P, late),
        monitor(process, P),
        case N rem 2 of 0 -> exit(P, kill); 1 -> P ! x end,
        next(),
        whereis(diff_name) =/= undefined orelse is_process_alive(P) orelse erlang:read_timer(T) =/= false
            orelse process_info(P) =/= undefined
    end])).

link_of_both_sides() ->
    process_flag(trap_exit, true),
    Me = self(),
    P = spawn(fun() -> link(Me), Me ! linked, receive X -> exit(X) end end),
    linked = next(),
    link(P),
    unlink(P),
    P ! boom,
    ended(P),
    ev(flush()).
