%% Event managers. The Java half is EventDifferentialTests. This module is suite and handler at once: a handler does what the funs
%% say that it is added with and sent, and tells what happens to it. Handlers are addressed by this module and their name.
%%
%% What the Java half does otherwise is not told here: the link that a supervised handler leaves behind whose init fails, and the
%% reason `crash` of a handler that does not start when a callback swaps it in.
-module(diff_event).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, ev/2, flush/0, ended/1]).

scenarios() ->
    [start_results, order, same_id_twice, add_results, event_results, event_swap, failures, failure_in_terminate, call_results,
     call_errors, delete_results, swap_results, supervised_exits, supervised_swaps, supervisor_ends, supervisor_signal,
     manager_killed, manager_stopped, infos, parent_exit, parent_supervises, notify_errors, notify_order, stop_results,
     states, changed_code, suspended].

%% --- the handler

init({start, N, F}) -> ev({N, init}), F(N);
init({{start, N, F}, Term}) -> ev({N, takes_over, terminated(Term)}), F(N).

handle_event({do, F}, S) -> F(S);
handle_event(E, {N, _} = S) -> ev({N, event, E}), {ok, S}.

handle_call({do, F}, S) -> F(S);
handle_call(get, {_, V} = S) -> {ok, V, S}.

handle_info({do, F}, S) -> F(S);
handle_info(M, {N, _} = S) -> ev({N, info, shown(M)}), {ok, S}.

terminate(Why, {N, V}) ->
    ev({N, terminate, why(Why)}),
    case V of {at_end, F} -> F(); _ -> {N, was_here} end.

code_change(Old, {N, _}, N) -> ev({N, code_change, Old}), error(refused);
code_change(Old, {N, _}, Extra) -> ev({N, code_change, Old}), {ok, {N, Extra}}.

shown({'EXIT', _, R}) -> {'EXIT', r(R)};
shown(M) -> M.

why({stop, R}) -> {stop, r(R)};
why({error, X}) -> {error, failure(X)};
why(X) -> X.

failure({'EXIT', R}) -> {'EXIT', r(R)};
failure(_) -> bad_return.

terminated({'EXIT', R}) -> {'EXIT', r(R)};
terminated(X) -> X.

r(R) -> diff:reason(R).

%% --- what is done to it

start() -> {ok, M} = gen_event:start(), M.

new() -> fun(N) -> {ok, {N, new}} end.
at_end(F) -> fun(N) -> {ok, {N, {at_end, F}}} end.

id(N) -> {?MODULE, N}.

add(M, N) -> add(M, N, new()).
add(M, N, F) -> result(gen_event:add_handler(M, id(N), {start, N, F})).
add_sup(M, N) -> result(gen_event:add_sup_handler(M, id(N), {start, N, new()})).
swap(M, N, N2) -> swap(M, N, N2, new()).
swap(M, N, N2, F) -> result(gen_event:swap_handler(M, {id(N), args}, {id(N2), {start, N2, F}})).
delete(M, N) -> terminated(gen_event:delete_handler(M, id(N), args)).

result({'EXIT', R}) -> {'EXIT', r(R)};
result({error, {'EXIT', R}}) -> {'EXIT', r(R)};
result({error, X}) -> X;
result(X) -> X.

which(M) -> ev([N || {_, N} <- gen_event:which_handlers(M)]).

notify(M, E) -> gen_event:sync_notify(M, E).
only(N, F) -> {do, fun({X, _} = S) when X =:= N -> F(S); (S) -> {ok, S} end}.

call(M, N, Q) ->
    case gen_event:call(M, id(N), Q) of
        {error, bad_module} -> not_found;
        {error, X} -> {error, failure(X)};
        X -> X
    end.

%% What a call that fails comes to.
c(F) ->
    try F() catch
        exit:{R, {gen_event, _, _}} -> {exit, r(R)};
        exit:R -> {exit, r(R)};
        error:badarg -> badarg
    end.

%% What a supervisor is told.
told() -> [told(X) || X <- flush()].

told({gen_event_EXIT, {_, N}, R}) -> {gen_event_exit, N, cause(R)};
told(X) -> X.

cause(normal) -> normal;
cause(shutdown) -> shutdown;
cause({swapped, {_, N}, P}) -> {swapped, N, P};
cause(X) -> failure(X).

%% --- start

start_results() ->
    {ok, M} = gen_event:start({local, diff_event_m}),
    ev(case gen_event:start({local, diff_event_m}) of {error, {already_started, M}} -> already_started end),
    ev(case gen_event:start_link({local, diff_event_m}) of {error, {already_started, M}} -> already_started end),
    gen_event:stop(M),
    ev(whereis(diff_event_m)),
    {ok, {M2, Ref}} = gen_event:start_monitor(),
    gen_event:stop(M2),
    receive {'DOWN', Ref, process, M2, R} -> ev(R) end,
    process_flag(trap_exit, true),
    {ok, M3} = gen_event:start_link(),
    gen_event:stop(M3),
    ev(told()).

%% --- adding

order() ->
    M = start(),
    [ev(add(M, N)) || N <- [a, b, c]],
    which(M),
    notify(M, tea),
    ev(call(M, b, {do, fun({b, _}) -> {ok, yes, {b, changed}} end})),
    notify(M, only(a, fun({a, _}) -> {ok, {a, changed}} end)),
    which(M),
    ev(sys:get_state(M) =:= [{?MODULE, c, {c, new}}, {?MODULE, b, {b, changed}}, {?MODULE, a, {a, changed}}]).

same_id_twice() ->
    M = start(),
    ev(gen_event:add_handler(M, id(x), {start, old, new()})),
    ev(gen_event:add_handler(M, id(x), {start, new, new()})),
    which(M),
    notify(M, tea),
    ev(delete(M, x)),
    notify(M, tea),
    ev(delete(M, x)),
    ev(delete(M, x)).

add_results() ->
    M = start(),
    [ev(add(M, N, F)) || {N, F} <- [{a, new()}, {b, fun(N) -> {ok, {N, new}, hibernate} end}, {c, fun(_) -> refused end},
                                    {d, fun(_) -> exit(boom) end}, {e, fun(_) -> error(boom) end}]],
    which(M).

%% --- events

event_results() ->
    M = start(),
    [add(M, N) || N <- [a, b, c]],
    notify(M, only(a, fun(_) -> {ok, {a, changed}, hibernate} end)),
    ev(call(M, a, get)),
    notify(M, {do, fun({b, _}) -> remove_handler; (S) -> ev(visited), {ok, S} end}),
    which(M),
    notify(M, tea).

event_swap() ->
    M = start(),
    [add(M, N) || N <- [a, b, c]],
    notify(M, only(b, fun(_) -> {swap_handler, args, {b, last}, id(d), {start, d, new()}} end)),
    which(M),
    notify(M, tea),
    M ! only(c, fun(_) -> {swap_handler, args, {c, last}, id(e), {start, e, new()}} end),
    which(M).

failures() ->
    M = start(),
    [add(M, N) || N <- [a, b, c, d]],
    notify(M, {do, fun({c, _}) -> exit(boom); ({b, _}) -> error(boom); ({a, _}) -> bad; (S) -> {ok, S} end}),
    which(M),
    M ! {do, fun(_) -> exit(boom) end},
    which(M),
    ev(is_process_alive(M)).

failure_in_terminate() ->
    M = start(),
    add(M, a, at_end(fun() -> exit(boom) end)),
    add(M, b),
    notify(M, only(a, fun(_) -> remove_handler end)),
    which(M),
    add(M, a, at_end(fun() -> exit(boom) end)),
    ev(swap(M, a, c)),
    which(M).

%% --- calls

call_results() ->
    M = start(),
    [add(M, N) || N <- [a, b, c, d, e, f]],
    ev(call(M, a, get)),
    ev(call(M, a, {do, fun(S) -> {ok, reply, S, hibernate} end})),
    ev(call(M, none, get)),
    ev(call(M, b, {do, fun(_) -> exit(boom) end})),
    ev(call(M, c, {do, fun(_) -> error(boom) end})),
    ev(call(M, d, {do, fun(S) -> {ok, S} end})),
    ev(call(M, e, {do, fun(_) -> {remove_handler, bye} end})),
    ev(call(M, f, {do, fun(_) -> {swap_handler, bye, args, {f, last}, id(g), {start, g, new()}} end})),
    which(M).

call_errors() ->
    M = start(),
    add(M, a),
    ev(c(fun() -> gen_event:call(M, id(a), {do, fun(S) -> receive go -> ok end, {ok, late, S} end}, 50) end)),
    M ! go,
    ev(call(M, a, get)),
    ev(flush()),
    gen_event:stop(M),
    ev(c(fun() -> gen_event:call(M, id(a), get) end)),
    ev(c(fun() -> gen_event:which_handlers(M) end)),
    ev(c(fun() -> gen_event:add_handler(M, id(a), {start, a, new()}) end)).

%% --- deleting, swapping

delete_results() ->
    M = start(),
    add(M, a),
    ev(delete(M, a)),
    ev(delete(M, a)),
    add(M, b, at_end(fun() -> exit(boom) end)),
    ev(delete(M, b)),
    which(M).

swap_results() ->
    M = start(),
    [add(M, N) || N <- [a, b, c]],
    ev(swap(M, a, d)),
    which(M),
    ev(swap(M, none, e)),
    ev(swap(M, b, f, fun(_) -> refused end)),
    ev(swap(M, c, f, fun(_) -> exit(boom) end)),
    which(M).

%% --- supervised

supervised_exits() ->
    M = start(),
    [ev(add_sup(M, N)) || N <- [a, b, c, d]],
    delete(M, a),
    notify(M, only(b, fun(_) -> remove_handler end)),
    notify(M, only(c, fun(_) -> exit(boom) end)),
    notify(M, only(d, fun(_) -> bad end)),
    ev(told()),
    which(M).

supervised_swaps() ->
    M = start(),
    ev(self()),
    add_sup(M, a),
    swap(M, a, b),
    ev(told()),
    delete(M, b),
    ev(told()),
    add(M, c),
    ev(gen_event:swap_sup_handler(M, {id(c), args}, {id(d), {start, d, new()}})),
    ev(told()),
    notify(M, only(d, fun(_) -> {swap_handler, args, {d, last}, id(e), {start, e, new()}} end)),
    ev(told()),
    delete(M, e),
    ev(told()).

supervisor_ends() ->
    M = start(),
    add(M, a),
    [begin
         P = spawn(fun() -> add_sup(M, b), add_sup(M, c), exit(R) end),
         ended(P),
         which(M)
     end || R <- [normal, shutdown, boom]].

supervisor_signal() ->
    process_flag(trap_exit, true),
    M = start(),
    add(M, a),
    add_sup(M, b),
    exit(M, boom),
    which(M),
    ev(told()),
    exit(M, normal),
    which(M),
    exit(M, kill),
    ev([case X of {'EXIT', M, R} -> R; _ -> X end || X <- told()]).

manager_killed() ->
    process_flag(trap_exit, true),
    M = start(),
    add_sup(M, a),
    exit(M, kill),
    ev([case X of {'EXIT', M, R} -> R; _ -> X end || X <- told()]).

manager_stopped() ->
    process_flag(trap_exit, true),
    M = start(),
    add_sup(M, a),
    gen_event:stop(M, boom, infinity),
    ev(told()).

%% --- infos

infos() ->
    M = start(),
    add(M, a),
    add(M, b),
    M ! hello,
    ended(spawn(fun() -> link(M), exit(boom) end)),
    ended(spawn(fun() -> link(M) end)),
    M ! only(b, fun(_) -> remove_handler end),
    which(M).

%% --- ends

parent_exit() ->
    [begin
         Me = self(),
         P = spawn(fun() ->
             {ok, M} = gen_event:start_link(),
             add(M, a),
             Me ! M,
             receive after infinity -> ok end
         end),
         M = receive X -> X end,
         Ref = monitor(process, M),
         exit(P, R),
         receive {'DOWN', Ref, process, M, Why} -> ev(r(Why)) end
     end || R <- [shutdown, boom, kill]].

parent_supervises() ->
    process_flag(trap_exit, true),
    {ok, M} = gen_event:start_link(),
    add_sup(M, a),
    gen_event:stop(M),
    ev([case X of {'EXIT', M, R} -> R; _ -> X end || X <- told()]).

notify_errors() ->
    M = start(),
    gen_event:stop(M),
    ev(gen_event:notify(M, tea)),
    ev(c(fun() -> gen_event:notify(nobody, tea) end)),
    ev(c(fun() -> gen_event:sync_notify(M, tea) end)),
    ev(c(fun() -> gen_event:sync_notify(nobody, tea) end)).

notify_order() ->
    M = start(),
    add(M, a),
    gen_event:notify(M, one),
    M ! two,
    gen_event:notify(M, three),
    ev(call(M, a, get)),
    gen_event:notify(M, four),
    gen_event:sync_notify(M, five),
    ev(done).

stop_results() ->
    [begin
         M = start(),
         add(M, a),
         Ref = monitor(process, M),
         ev(c(fun() -> gen_event:stop(M, R, infinity) end)),
         receive {'DOWN', Ref, process, M, Why} -> ev(Why) end
     end || R <- [normal, shutdown, boom]],
    M2 = start(),
    gen_event:stop(M2),
    ev(c(fun() -> gen_event:stop(M2) end)).

%% --- sys

states() ->
    M = start(),
    [add(M, N) || N <- [a, b, c]],
    States = fun() -> [{N, V} || {_, N, {_, V}} <- sys:get_state(M)] end,
    ev(States()),
    sys:replace_state(M, fun({Mod, a, {N, _}}) -> {Mod, a, {N, replaced}};
                            ({_, b, _}) -> exit(no);
                            ({Mod, c, S}) -> {Mod, other, S} end),
    ev(States()),
    which(M).

changed_code() ->
    M = start(),
    [add(M, N) || N <- [a, b]],
    Refused = fun(ok) -> ok; ({error, _}) -> refused end,
    ev(Refused(sys:change_code(M, ?MODULE, v1, x))),
    sys:suspend(M),
    ev(Refused(sys:change_code(M, ?MODULE, v1, x))),
    ev(Refused(sys:change_code(M, another_module, v1, x))),
    ev(Refused(sys:change_code(M, ?MODULE, v1, a))),
    sys:resume(M),
    ev(call(M, a, get)),
    ev(call(M, b, get)).

suspended() ->
    process_flag(trap_exit, true),
    {ok, M} = gen_event:start_link(),
    add(M, a),
    sys:suspend(M),
    gen_event:notify(M, one),
    gen_event:notify(M, two),
    ev(c(fun() -> gen_event:call(M, id(a), get, 50) end)),
    sys:resume(M),
    notify(M, three),
    sys:suspend(M),
    gen_event:notify(M, lost),
    gen_event:stop(M),
    ev([case X of {'EXIT', M, R} -> R; _ -> X end || X <- told()]).
