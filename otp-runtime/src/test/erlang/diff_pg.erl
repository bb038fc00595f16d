%% Process groups. The Java half is ProcessGroupsDifferentialTests.
-module(diff_pg).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, ev/2, flush/0, next/0, error_of/1, ended/1, await/1]).

scenarios() ->
    [pg_join_counts, pg_leave, pg_leave_takes_one, pg_many_at_once, pg_death, pg_dead_joins, pg_groups, pg_monitor,
     pg_monitor_many_joins_and_death, pg_monitor_scope, pg_demonitor, pg_scopes, pg_monitor_of_an_empty_group,
     pg_two_monitors].

%% A scope of its own for each scenario.
scope() ->
    Scope = list_to_atom("scope" ++ integer_to_list(erlang:unique_integer([positive]))),
    {ok, _} = pg:start(Scope),
    Scope.

waiter() -> spawn(fun() -> receive stop -> ok end end).

stop(P) -> P ! stop, ended(P).

members(S, G) -> lists:sort(pg:get_members(S, G)).

pg_join_counts() ->
    S = scope(),
    P = waiter(),
    ev(members(S, group)),
    ev(pg:join(S, group, P)),
    ev(pg:join(S, group, P)),
    ev(pg:join(S, other, P)),
    ev(members(S, group)),
    ev(lists:sort(pg:get_local_members(S, group))),
    ev(members(S, other)).

pg_leave() ->
    S = scope(),
    P = waiter(),
    ev(pg:leave(S, group, P)),
    pg:join(S, group, P),
    ev(pg:leave(S, other, P)),
    ev(pg:leave(S, group, waiter())),
    ev(pg:leave(S, group, P)),
    ev(pg:leave(S, group, P)),
    ev(members(S, group)).

pg_leave_takes_one() ->
    S = scope(),
    P = waiter(),
    [pg:join(S, group, P) || _ <- [1, 2, 3]],
    ev(pg:leave(S, group, P)),
    ev(length(members(S, group))),
    ev(pg:leave(S, group, P)),
    ev(length(members(S, group))).

pg_many_at_once() ->
    S = scope(),
    P = waiter(),
    Q = waiter(),
    ev(pg:join(S, group, [P, Q, P])),
    ev(members(S, group)),
    ev(pg:leave(S, group, [P, Q])),
    ev(members(S, group)),
    ev(pg:leave(S, group, [Q])),
    ev(pg:leave(S, group, [P])),
    ev(pg:which_groups(S)).

pg_death() ->
    S = scope(),
    P = waiter(),
    Q = waiter(),
    pg:join(S, group, [P, Q, P]),
    pg:join(S, other, P),
    stop(P),
    await(fun() -> members(S, group) =:= [Q] end),
    ev(members(S, other)),
    ev(pg:which_groups(S)),
    ev(pg:leave(S, group, P)).

pg_dead_joins() ->
    S = scope(),
    P = waiter(),
    stop(P),
    {Ref, []} = pg:monitor(S, group),
    ev(P),
    ev(pg:join(S, group, P)),
    ev({Ref, next(), next()}),
    ev(members(S, group)),
    ev(pg:which_groups(S)).

pg_groups() ->
    S = scope(),
    P = waiter(),
    ev(pg:which_groups(S)),
    pg:join(S, b, P),
    pg:join(S, a, P),
    ev(lists:sort(pg:which_groups(S))),
    ev(lists:sort(pg:which_local_groups(S))),
    pg:leave(S, b, P),
    ev(pg:which_groups(S)).

pg_monitor() ->
    S = scope(),
    P = waiter(),
    Q = waiter(),
    pg:join(S, group, P),
    ev(pg:monitor(S, group)),
    pg:join(S, group, Q),
    pg:join(S, other, Q),
    pg:leave(S, group, P),
    pg:leave(S, group, P),
    ev(flush()),
    stop(Q),
    ev(next()),
    ev(flush()).

pg_monitor_many_joins_and_death() ->
    S = scope(),
    P = waiter(),
    ev(pg:monitor(S, group)),
    pg:join(S, group, P),
    pg:join(S, group, [P, P]),
    ev(flush()),
    stop(P),
    ev(next()),
    ev(next()),
    ev(next()),
    ev(flush()).

pg_monitor_scope() ->
    S = scope(),
    P = waiter(),
    pg:join(S, group, P),
    {Ref, Groups} = pg:monitor_scope(S),
    ev({Ref, maps:to_list(Groups)}),
    pg:join(S, group, P),
    pg:join(S, other, P),
    pg:leave(S, group, P),
    ev(flush()).

pg_demonitor() ->
    S = scope(),
    P = waiter(),
    {Ref, _} = pg:monitor(S, group),
    {Other, _} = pg:monitor(S, group),
    pg:join(S, group, P),
    ev(pg:demonitor(S, Ref)),
    ev(pg:demonitor(S, Ref)),
    ev(pg:demonitor(S, make_ref())),
    pg:leave(S, group, P),
    ev({Ref, Other}),
    ev(flush()).

pg_scopes() ->
    S = scope(),
    T = scope(),
    P = waiter(),
    pg:join(S, group, P),
    ev(members(T, group)),
    ev(pg:leave(T, group, P)),
    ev(members(S, group)).

pg_monitor_of_an_empty_group() ->
    S = scope(),
    P = waiter(),
    ev(pg:monitor(S, group)),
    pg:join(S, group, P),
    ev(flush()),
    ev(pg:monitor(S, group)).

pg_two_monitors() ->
    S = scope(),
    P = waiter(),
    {R1, _} = pg:monitor(S, group),
    {R2, _} = pg:monitor_scope(S),
    ev({R1, R2}),
    pg:join(S, group, P),
    ev(lists:sort(flush())).
