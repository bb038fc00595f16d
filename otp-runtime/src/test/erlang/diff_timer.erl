%% Timers. The Java half is TimerDifferentialTests.
-module(diff_timer).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, ev/2, flush/0, next/0, error_of/1, ended/1, await/1]).

scenarios() ->
    [timer_order, timer_started, timer_cancel, timer_fired, timer_dead_receiver, timer_to_dead, timer_outlives_starter,
     timer_by_name, timer_name_without_holder, timer_negative, timer_cancelled_by_other, timer_unknown, timer_interval,
     timer_exit_after, timer_kill_after, timer_of_one_moment, timer_cancelled_or_fired, references_are_unique,
     timer_started_for_others].

left(false) -> false;
left(N) when N > 3000000, N =< 3600000 -> left.

timer_order() ->
    erlang:send_after(400, self(), third),
    erlang:send_after(1, self(), first),
    erlang:send_after(200, self(), second),
    [ev(next()) || _ <- [1, 2, 3]].

timer_started() ->
    erlang:start_timer(1, self(), hello),
    ev(next()).

timer_cancel() ->
    T = erlang:send_after(3600000, self(), never),
    ev(left(erlang:read_timer(T))),
    ev(left(erlang:cancel_timer(T))),
    ev(left(erlang:read_timer(T))),
    ev(left(erlang:cancel_timer(T))),
    ev(flush()).

timer_fired() ->
    T = erlang:send_after(0, self(), fired),
    await(fun() -> erlang:read_timer(T) =:= false end),
    ev(erlang:cancel_timer(T)),
    ev(flush()).

timer_dead_receiver() ->
    P = spawn(fun() -> receive x -> ok end end),
    T = erlang:send_after(3600000, P, never),
    ev(left(erlang:read_timer(T))),
    P ! x,
    ended(P),
    ev(left(erlang:read_timer(T))),
    ev(left(erlang:cancel_timer(T))).

timer_to_dead() ->
    P = spawn(fun() -> ok end),
    ended(P),
    T = erlang:send_after(3600000, P, never),
    ev(left(erlang:read_timer(T))).

timer_outlives_starter() ->
    Me = self(),
    P = spawn(fun() -> erlang:send_after(30, Me, hello) end),
    ended(P),
    ev(next()).

timer_by_name() ->
    Me = self(),
    register(diff_name, spawn(fun() -> receive x -> ok end end)),
    T = erlang:send_after(700, diff_name, hello),
    exit(whereis(diff_name), kill),
    await(fun() -> whereis(diff_name) =:= undefined end),
    ev(erlang:read_timer(T) =/= false),
    register(diff_name, spawn(fun() -> Me ! {new_holder, next()} end)),
    ev(next()).

timer_name_without_holder() ->
    T = erlang:send_after(1, diff_name, hello),
    await(fun() -> erlang:read_timer(T) =:= false end),
    ev(flush()).

timer_negative() ->
    ev(error_of(fun() -> erlang:send_after(-1, self(), x) end)),
    ev(error_of(fun() -> erlang:start_timer(-1, self(), x) end)).

timer_cancelled_by_other() ->
    Me = self(),
    T = erlang:send_after(3600000, self(), never),
    spawn(fun() -> Me ! left(erlang:cancel_timer(T)) end),
    ev(next()),
    ev(left(erlang:read_timer(T))).

timer_unknown() ->
    ev(erlang:cancel_timer(make_ref())),
    ev(erlang:read_timer(make_ref())).

timer_interval() ->
    {ok, T} = timer:send_interval(10, tick),
    [ev(next()) || _ <- [1, 2, 3]],
    {ok, cancel} = timer:cancel(T),
    flush(),
    ev(flush()).

timer_exit_after() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> receive x -> ok end end),
    timer:exit_after(1, P, boom),
    ev(next()).

timer_kill_after() ->
    P = spawn(fun() -> process_flag(trap_exit, true), receive x -> ok end end),
    monitor(process, P),
    timer:kill_after(1, P),
    ev(next()).

timer_of_one_moment() ->
    [erlang:send_after(20, self(), N) || N <- lists:seq(1, 100)],
    ev(length(lists:usort([next() || _ <- lists:seq(1, 100)]))),
    ev(flush()).

%% A message comes if and only if its timer could not be cancelled.
timer_cancelled_or_fired() ->
    Timers = [{N, erlang:send_after(N rem 5, self(), N)} || N <- lists:seq(1, 500)],
    timer:sleep(2),
    Fired = [N || {N, T} <- Timers, erlang:cancel_timer(T) =:= false],
    ev(lists:sort(flush()) =:= Fired).

references_are_unique() ->
    ev(length(lists:usort([make_ref() || _ <- lists:seq(1, 1000)]))).

timer_started_for_others() ->
    Me = self(),
    P = spawn(fun() -> Me ! {other, next()} end),
    erlang:start_timer(1, P, by_pid),
    ev(next()),
    register(diff_name, self()),
    erlang:start_timer(1, diff_name, by_name),
    ev(next()).
