%% Applications. The Java half is ApplicationDifferentialTests. This module is suite and callback module at once: start runs the fun
%% that is in its arguments, a phase the one in its own. Each scenario unloads what it loads.
%%
%% What takes the node down is not told here, for it would take the suite with it.
-module(diff_application).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, ev/2]).

scenarios() ->
    [load_results, start_results, start_failures, library, stopped, tree_ends, tree_ends_normally, max_time, phases, phase_failures,
     included, included_starts_too, dependencies, ensure_all, ensure_rolls_back, optional, environment, persistent, changed, members].

%% --- the application

start(Type, {N, F}) -> ev({N, start, Type}), F(N).

start_phase(P, Type, {N, F}) -> ev({N, phase, P, Type}), F().

prep_stop(S) -> ev({prep_stop, S}), {prepared, S}.

stop(S) -> ev({stop, S}).

config_change(C, N, R) ->
    ev({config_change, lists:sort(C), lists:sort(N), lists:sort(R)}),
    case lists:keymember(bad, 1, C ++ N) of true -> {error, bad}; false -> ok end.

%% A tree of one process, which tells how it ends.
tree() -> fun(N) -> {ok, top(N), N} end.

%% One that does not tell: what becomes of it differs.
quiet() -> fun(N) -> {ok, spawn_link(fun() -> receive never -> ok end end), N} end.

top(N) ->
    spawn_link(fun() ->
        register(N, self()),
        process_flag(trap_exit, true),
        receive {'EXIT', _, R} -> ev({N, tree_ends, R}), exit(R) end
    end).

%% --- what is done with it

mod(N, F) -> {mod, {?MODULE, {N, F}}}.

load(N) -> load(N, []).
load(N, Options) ->
    Defaults = [{description, ""}, {vsn, ""}, {modules, []}, {registered, []}],
    Rest = case lists:keymember(applications, 1, Options) of true -> []; false -> [{applications, []}] end,
    r(application:load({application, N, Defaults ++ Options ++ Rest})).

unload(Ns) -> [begin application:stop(N), application:unload(N) end || N <- Ns].

r({error, {already_loaded, {application, N, _}}}) -> {error, {already_loaded, N}};
r({error, {"no such file or directory", File}}) -> {error, {not_loaded, list_to_atom(filename:rootname(File))}};
r({error, {bad_return, {_, {'EXIT', R}}}}) -> {error, {start_failed, diff:reason(R)}};
r({error, {bad_return, _}}) -> {error, {start_failed, bad_return}};
r({error, {{'EXIT', R}, {?MODULE, start, _}}}) -> {error, {start_failed, R}};
r({error, {R, {?MODULE, _, _}}}) -> {error, {start_failed, R}};
r({error, {bad_return_value, {_, {'EXIT', R}}}}) -> {error, {start_failed, R}};
r({error, {A, R}}) when is_tuple(R) -> {error, R1} = r({error, R}), {error, {A, R1}};
r(X) -> X.

start(N) -> r(application:start(N)).

running() -> [N || {N, _, _} <- lists:reverse(application:which_applications()), N =/= kernel, N =/= stdlib].

gone(N) -> diff:await(fun() -> not lists:member(N, running()) end).

env(N) -> lists:sort(application:get_all_env(N)).

%% --- scenarios

load_results() ->
    ev(load(a)),
    ev(load(a)),
    ev(application:unload(b)),
    ev(start(a)),
    ev(application:unload(a)),
    ev(application:stop(a)),
    ev(application:unload(a)),
    ev(application:unload(a)).

start_results() ->
    ev(start(a)),
    load(a, [mod(a, tree())]),
    ev(application:stop(a)),
    ev(start(a)),
    ev(start(a)),
    ev(application:ensure_started(a)),
    ev(running()),
    ev(application:stop(a)),
    ev(application:stop(a)),
    ev(application:ensure_started(a)),
    unload([a]).

start_failures() ->
    [begin load(N, [mod(N, F)]), ev(start(N)), ev(start(N)), unload([N]) end ||
        {N, F} <- [{refuses, fun(_) -> {error, no} end}, {returns_other, fun(_) -> banana end},
                   {exits, fun(_) -> exit(x) end}, {exits_normal, fun(_) -> exit(normal) end}]],
    ev(running()).

library() ->
    load(a),
    ev(start(a)),
    ev(running()),
    ev(application:stop(a)),
    ev(running()),
    unload([a]).

stopped() ->
    load(a, [mod(a, tree())]),
    start(a),
    ev(application:stop(a)),
    unload([a]).

tree_ends() ->
    load(a, [mod(a, tree())]),
    start(a),
    exit(whereis(a), boom),
    gone(a),
    ev(start(a)),
    unload([a]).

tree_ends_normally() ->
    load(a, [mod(a, tree())]),
    ev(application:start(a, transient)),
    exit(whereis(a), normal),
    gone(a),
    unload([a]).

max_time() ->
    load(a, [mod(a, tree()), {maxT, 20}]),
    start(a),
    gone(a),
    unload([a]).

phases() ->
    load(a, [mod(a, tree()), {start_phases, [{one, {a, fun() -> ok end}}, {two, {a, fun() -> ev(running()), ok end}}]}]),
    ev(start(a)),
    unload([a]).

%% OTP kills the tree; the Java half stops it.
phase_failures() ->
    [begin
         load(N, [mod(N, quiet()), {start_phases, [{one, {N, F}}, {two, {N, fun() -> ok end}}]}]),
         ev(start(N)),
         unload([N])
     end || {N, F} <- [{refuses, fun() -> {error, no} end}, {exits, fun() -> exit(x) end}]].

included() ->
    Ok = fun() -> ok end,
    load(c, [mod(c, tree()), {start_phases, [{two, {c, Ok}}]}]),
    load(b, [{mod, {application_starter, [?MODULE, {b, tree()}]}}, {included_applications, [c]},
             {start_phases, [{none, {b, Ok}}, {two, {b, Ok}}]}]),
    load(d, [mod(d, tree()), {start_phases, [{two, {d, Ok}}, {one, {d, Ok}}]}]),
    load(a, [{mod, {application_starter, [?MODULE, {a, tree()}]}}, {included_applications, [b, d]},
             {start_phases, [{one, {a, Ok}}, {two, {a, Ok}}]}]),
    ev(start(a)),
    ev(running()),
    unload([a, b, d, c]).

included_starts_too() ->
    load(b, [mod(b, tree())]),
    load(a, [mod(a, tree()), {included_applications, [b]}]),
    ev(start(a)),
    ev(start(b)),
    ev(running()),
    unload([a, b]).

dependencies() ->
    load(a, [{applications, [b]}]),
    load(b, [mod(b, tree())]),
    ev(start(a)),
    ev(start(b)),
    ev(start(a)),
    ev(running()),
    ev(application:stop(b)),
    ev(running()),
    unload([a, b]).

ensure_all() ->
    load(a, [{applications, [b, c]}]),
    load(b, [mod(b, tree()), {applications, [c]}]),
    load(c, [mod(c, tree())]),
    ev(r(application:ensure_all_started(a))),
    ev(r(application:ensure_all_started(a))),
    application:stop(b),
    application:stop(a),
    ev(r(application:ensure_all_started(a))),
    ev(r(application:ensure_all_started(nobody))),
    unload([a, b, c]).

ensure_rolls_back() ->
    load(a, [{applications, [b]}]),
    load(b, [mod(b, fun(_) -> {error, no} end), {applications, [c, d]}]),
    load(c, [mod(c, tree())]),
    load(d, [mod(d, tree())]),
    start(c),
    ev(r(application:ensure_all_started(a))),
    ev(running()),
    unload([a, b, c, d]).

optional() ->
    load(a, [{applications, [b]}, {optional_applications, [b]}]),
    ev(r(application:ensure_all_started(a))),
    application:stop(a),
    load(b),
    ev(start(a)),
    application:stop(a),
    ev(r(application:ensure_all_started(a))),
    unload([a, b]).

environment() ->
    application:set_env(a, early, 1),
    application:set_env(a, k, 1),
    load(a, [{env, [{k, 2}, {l, 2}]}]),
    ev(env(a)),
    application:set_env(a, k, 3),
    application:unset_env(a, l),
    ev(env(a)),
    ev(application:get_env(a, nothing)),
    application:unload(a),
    ev(env(a)),
    load(a, [{env, [{k, 2}, {l, 2}]}]),
    ev(env(a)),
    unload([a]).

persistent() ->
    load(a, [{env, [{k, 2}, {l, 2}]}]),
    application:set_env(a, k, 3, [{persistent, true}]),
    ev(env(a)),
    application:unload(a),
    ev(env(a)),
    load(a, [{env, [{k, 2}, {l, 2}]}]),
    ev(env(a)),
    application:unset_env(a, k, [{persistent, true}]),
    unload([a]).

changed() ->
    [begin load(N, [mod(N, tree())]), start(N) end || N <- [a, b, c]],
    application:set_env(b, k, 1),
    application:set_env(b, gone, 1),
    Before = application_controller:prep_config_change(),
    application:set_env(a, bad, 1),
    {error, [_]} = application_controller:config_change(Before),
    Before2 = application_controller:prep_config_change(),
    application:set_env(b, k, 2),
    application:set_env(b, new, 2),
    application:unset_env(b, gone),
    ok = application_controller:config_change(Before2),
    unload([c, b, a]).

members() ->
    Self = self(),
    load(a, [mod(a, fun(N) ->
        Left = spawn(fun() -> Self ! {left, spawn(fun() -> receive never -> ok end end)}, receive never -> ok end end),
        Self ! {left, Left},
        {ok, top(N), N}
    end)]),
    start(a),
    Lefts = [receive {left, P} -> P end, receive {left, P1} -> P1 end],
    ev([application:get_application(P2) || P2 <- [whereis(a) | Lefts]]),
    ev(application:get_application(self())),
    Refs = [monitor(process, P3) || P3 <- Lefts],
    application:stop(a),
    ev([receive {'DOWN', Ref, process, _, R} -> R end || Ref <- Refs]),
    ev(application:get_application(hd(Lefts))),
    unload([a]).
