%% Servers. The Java half is ServerDifferentialTests. This module is suite and callback module at once: a server does what the
%% funs say that it is started with and sent, and tells what happens to it.
%%
%% What OTP 26 changed and the Java half does as OTP 26 is not told here: the exit signal that a failed start_link leaves behind.
-module(diff_server).
-compile([export_all, nowarn_export_all]).
-define(PAUSE, 200).
-import(diff, [ev/1, ev/2, flush/0, next/0, ended/1, await/1]).

scenarios() ->
    [init_results, init_results_linked, init_failure_and_starter, init_timeout, name_taken, name_in_init,
     name_free_after_failure, init_messages, init_continue, init_timeout_zero, init_infinity, parent_of_start,
     call_failures, call_failures_uncaught, call_stop_reasons, linked_caller, late_reply, timeout_zero_call,
     stop_reply_order, stop_reply_terminate_crashes, stop_then_down, reply_by_other, reply_later, calls_put_off,
     cast_then_call, cast_to_nobody, multi_call, abcast, request_replies, request_waits, request_errors,
     request_collection, request_collection_timeout, continue_before_queue, continue_after_reply, continue_chain,
     continue_stops, idle_timeout, idle_timeout_cancelled, idle_timeout_zero, bad_returns, crash_has_old_state,
     exit_has_old_state, info_of_all_kinds, stop_reasons, parent_exit, parent_ends, stranger_exit, untrapped_exit,
     killed_in_callback, terminate_changes_reason, stop_results, stop_suspended, suspended_keeps_order,
     suspended_parent_exit, replaced_state, changed_code].

%% --- the server

init(F) -> F().

handle_call({do, F}, From, S) -> F(From, S);
handle_call(get, _From, S) -> {reply, S, S};
handle_call(ignore, _From, S) -> {noreply, S}.

handle_cast({do, F}, S) -> F(S);
handle_cast({tell, X}, S) -> ev({cast, X}), {noreply, S}.

handle_info({do, F}, S) -> F(S);
handle_info(M, S) -> ev({info, shown(M)}), {noreply, S}.

shown({'DOWN', _, process, _, R}) -> {'DOWN', r(R)};
shown({'EXIT', _, R}) -> {'EXIT', r(R)};
shown({timeout, _, X}) -> {timeout, X};
shown(X) -> X.

handle_continue({do, F}, S) -> F(S);
handle_continue(C, S) -> ev({continue, C}), {noreply, S}.

terminate(R, S) ->
    ev({terminate, r(R), case S of {at_end, _} -> at_end; _ -> S end}),
    case S of {at_end, F} -> F(); _ -> ok end.

code_change(Old, S, fail) -> ev({code_change, Old, S}), error(fail);
code_change(Old, S, Extra) -> ev({code_change, Old, S}), {ok, {changed, S, Extra}}.

r({bad_return_value, _}) -> bad_return_value;
r(R) -> diff:reason(R).

start(S) -> {ok, P} = gen_server:start(?MODULE, fun() -> {ok, S} end, []), P.
start_trapping(S) -> {ok, P} = gen_server:start(?MODULE, trapping(S), []), P.
trapping(S) -> fun() -> process_flag(trap_exit, true), {ok, S} end.

%% What start returns.
started({ok, P}) when is_pid(P) -> ok;
started({ok, {P, M}}) when is_pid(P), is_reference(M) -> monitored;
started({error, {already_started, P}}) when is_pid(P) -> already_started;
started({error, R}) -> {error, r(R)};
started(ignore) -> ignore.

%% What a call comes to.
c(F) -> try F() catch exit:R -> {exit, case diff:reason(R) of {call, X} -> {call, r(X)}; X -> X end} end.

call(P, F) -> c(fun() -> gen_server:call(P, {do, F}) end).

%% The reason a process ends with that runs F.
end_of(F) ->
    {P, M} = spawn_monitor(F),
    receive {'DOWN', M, process, P, R} -> case diff:reason(R) of {call, X} -> {call, r(X)}; X -> r(X) end end.

%% --- start

inits() -> [fun() -> {ok, s} end, fun() -> ignore end, fun() -> {stop, boom} end, fun() -> {stop, normal} end,
            fun() -> {stop, shutdown} end, fun() -> exit(boom) end, fun() -> error(boom) end,
            fun() -> {ok, s, 100000} end, fun() -> {ok, s, hibernate} end, fun() -> {ok, s, {continue, c}} end].

init_results() ->
    [ev(started(gen_server:start(?MODULE, F, []))) || F <- lists:sublist(inits(), 9)],
    [ev(started(gen_server:start_monitor(?MODULE, F, []))) || F <- lists:sublist(inits(), 7)],
    ev(flush()).

init_results_linked() ->
    process_flag(trap_exit, true),
    [begin ev(started(gen_server:start_link(?MODULE, F, []))), flush() end || F <- lists:sublist(inits(), 9)].

init_failure_and_starter() ->
    [ev(end_of(fun() -> gen_server:start_link(?MODULE, F, []), timer:sleep(20), exit(survived) end))
     || F <- lists:sublist(inits(), 2, 6)].

init_timeout() ->
    Me = self(),
    ev(end_of(fun() ->
        R = gen_server:start_link({local, diff_slow}, ?MODULE,
                                  fun() -> Me ! {child, self()}, timer:sleep(60000) end, [{timeout, 20}]),
        ev(started(R)),
        exit(survived)
    end)),
    {child, P} = next(),
    ended(P),
    ev([whereis(diff_slow), is_process_alive(P)]).

name_taken() ->
    {ok, P} = gen_server:start({local, diff_taken}, ?MODULE, fun() -> {ok, s} end, []),
    Again = fun() -> ev(init_called), {ok, s} end,
    {error, {already_started, P}} = gen_server:start_link({local, diff_taken}, ?MODULE, Again, []),
    ev(started(gen_server:start({local, diff_taken}, ?MODULE, Again, []))),
    ev(started(gen_server:start_monitor({local, diff_taken}, ?MODULE, Again, []))),
    ev(flush()),
    gen_server:stop(P).

name_in_init() ->
    {ok, P} = gen_server:start({local, diff_named}, ?MODULE,
                               fun() -> ev(whereis(diff_named) =:= self()), {ok, s} end, []),
    ev(gen_server:call(diff_named, get)),
    gen_server:stop(P).

name_free_after_failure() ->
    [begin
         ev(started(gen_server:start({local, diff_retry}, ?MODULE, fun() -> {stop, boom} end, []))),
         ev(whereis(diff_retry))
     end || _ <- [1, 2, 3]].

init_messages() ->
    Me = self(),
    {ok, _} = gen_server:start_link(?MODULE, fun() -> Me ! one, Me ! two, {ok, s} end, []),
    receive M1 -> receive M2 -> ev([M1, M2]) after 0 -> ev(late) end after 0 -> ev(late) end.

init_continue() ->
    Me = self(),
    {ok, P} = gen_server:start(?MODULE,
        fun() -> self() ! queued, {ok, s, {continue, {do, fun(S) -> receive go -> ok end, ev(continued), Me ! done, {noreply, S} end}}} end, []),
    ev(started),
    P ! go,
    done = next(),
    ev(gen_server:call(P, get)).

init_timeout_zero() ->
    {ok, P} = gen_server:start(?MODULE, fun() -> {ok, s, 0} end, []),
    timer:sleep(?PAUSE),
    ev(gen_server:call(P, get)).

init_infinity() ->
    {ok, P} = gen_server:start(?MODULE, fun() -> {ok, s, infinity} end, [{timeout, infinity}]),
    ev(gen_server:call(P, get, infinity)).

parent_of_start() ->
    P = start_trapping(s),
    exit(P, boom),
    ev(gen_server:call(P, get)).

%% --- call

call_failures() ->
    Dead = spawn(fun() -> ok end),
    ended(Dead),
    ev(c(fun() -> gen_server:call(Dead, get) end)),
    ev(c(fun() -> gen_server:call(diff_nobody, get) end)),
    P = start(s),
    ev(c(fun() -> gen_server:call(P, ignore, 20) end)),
    ev(call(P, fun(_, S) -> {reply, c(fun() -> gen_server:call(self(), get) end), S} end)),
    ev(call(P, fun(_, _) -> error(boom) end)),
    ev(call(start(s), fun(_, _) -> exit(boom) end)),
    ev(call(start(s), fun(_, _) -> exit(normal) end)),
    ev(call(start(s), fun(_, _) -> exit(kill) end)).

call_failures_uncaught() ->
    P = start(s),
    ev(end_of(fun() -> gen_server:call(diff_nobody, get) end)),
    ev(end_of(fun() -> gen_server:call(P, ignore, 20) end)),
    ev(end_of(fun() -> gen_server:call(P, {do, fun(_, S) -> {stop, boom, S} end}) end)).

call_stop_reasons() ->
    [ev(call(start(s), fun(_, S) -> {stop, R, S} end)) || R <- [normal, shutdown, {shutdown, x}, boom, kill, killed]].

linked_caller() ->
    P = start(s),
    ev(end_of(fun() -> link(P), c(fun() -> gen_server:call(P, {do, fun(_, S) -> {stop, boom, S} end}) end), exit(survived) end)),
    Q = start(s),
    ev(end_of(fun() ->
        process_flag(trap_exit, true),
        link(Q),
        R = c(fun() -> gen_server:call(Q, {do, fun(_, S) -> {stop, boom, S} end}) end),
        receive {'EXIT', Q, X} -> ev([R, exit_was_first, X]) after 0 -> ev(exit_was_late) end,
        exit(survived)
    end)).

late_reply() ->
    P = start(s),
    ev(c(fun() -> gen_server:call(P, {do, fun(_, _) -> receive go -> ok end, {reply, late, changed} end}, 20) end)),
    P ! go,
    ev(gen_server:call(P, get)),
    ev(flush()).

timeout_zero_call() ->
    P = start(s),
    gen_server:cast(P, {do, fun(S) -> receive go -> ok end, {noreply, S} end}),
    ev(c(fun() -> gen_server:call(P, {do, fun(_, S) -> ev(handled), {reply, r, S} end}, 0) end)),
    P ! go,
    ev(gen_server:call(P, get)),
    ev(flush()).

stop_reply_order() ->
    P = start(s),
    ev({reply, call(P, fun(_, _) -> {stop, normal, bye, {at_end, fun() -> timer:sleep(20), ev(terminated) end}} end)}).

stop_reply_terminate_crashes() ->
    P = start(s),
    M = monitor(process, P),
    ev(call(P, fun(_, _) -> {stop, normal, bye, {at_end, fun() -> exit(in_terminate) end}} end)),
    receive {'DOWN', M, process, P, R} -> ev(r(R)) end.

stop_then_down() ->
    P = start(s),
    monitor(process, P),
    ev(call(P, fun(_, S) -> {stop, boom, bye, S} end)),
    ev(next()).

reply_by_other() ->
    P = start(s),
    ev(call(P, fun(From, S) -> spawn(fun() -> gen_server:reply(From, other) end), {noreply, S} end)).

reply_later() ->
    P = start(s),
    Me = self(),
    spawn_link(fun() -> Me ! {got, call(P, fun(From, _) -> {noreply, From} end)} end),
    await(fun() -> is_tuple(gen_server:call(P, get)) end),
    P ! {do, fun(From) -> gen_server:reply(From, later), {noreply, s} end},
    ev(next()),
    ev(gen_server:call(P, get)).

calls_put_off() ->
    P = start(s),
    Me = self(),
    PutOff = {do, fun(_, S) -> Me ! put_off, {noreply, S} end},
    [spawn(fun() -> Me ! c(fun() -> gen_server:call(P, PutOff) end) end) || _ <- [1, 2, 3]],
    [put_off = next() || _ <- [1, 2, 3]],
    gen_server:cast(P, {do, fun(S) -> {stop, boom, S} end}),
    ev([next(), next(), next()]).

cast_then_call() ->
    P = start(s),
    [gen_server:cast(P, {tell, N}) || N <- [1, 2, 3]],
    P ! info,
    ev(gen_server:call(P, get)).

cast_to_nobody() ->
    Dead = spawn(fun() -> ok end),
    ended(Dead),
    ev([gen_server:cast(Dead, x), gen_server:cast(diff_nobody, x)]).

%% How many replied and how many did not; here all servers are on one node.
multi(Names, Request, Time) ->
    Results = [gen_server:multi_call([node()], N, Request, Time) || N <- Names],
    ev([[R || {[{_, R}], []} <- Results], length([bad || {[], [_]} <- Results])]).

multi_call() ->
    [gen_server:start({local, N}, ?MODULE, fun() -> {ok, N} end, []) || N <- [diff_a, diff_b]],
    multi([diff_a, diff_nobody, diff_b], get, 1000),
    multi([diff_a, diff_b], ignore, 20),
    multi([diff_a], {do, fun(_, S) -> {stop, boom, S} end}, 1000),
    ev(flush()),
    gen_server:stop(diff_b).

abcast() ->
    {ok, P} = gen_server:start({local, diff_a}, ?MODULE, fun() -> {ok, s} end, []),
    abcast = gen_server:abcast([node()], diff_a, {tell, hello}),
    abcast = gen_server:abcast([node()], diff_nobody, {tell, hello}),
    ev(gen_server:call(P, get)),
    gen_server:stop(P).

%% --- requests

answer({reply, R}) -> {reply, R};
answer({error, {R, _}}) -> {error, r(R)};
answer(timeout) -> timeout.

request_replies() ->
    P = start(s),
    ev(answer(gen_server:receive_response(gen_server:send_request(P, get), 1000))),
    ev(answer(gen_server:wait_response(gen_server:send_request(P, get), 1000))),
    Id = gen_server:send_request(P, get),
    receive M -> ev([gen_server:check_response(hello, Id), answer(gen_server:check_response(M, Id))]) end,
    ev(flush()).

request_waits() ->
    P = start(s),
    Slow = {do, fun(_, S) -> receive go -> ok end, {reply, late, S} end},
    Id = gen_server:send_request(P, Slow),
    ev(answer(gen_server:wait_response(Id, 20))),
    P ! go,
    ev(answer(gen_server:wait_response(Id, infinity))),
    Id2 = gen_server:send_request(P, Slow),
    ev(answer(gen_server:receive_response(Id2, 20))),
    P ! go,
    ev(gen_server:call(P, get)),
    ev(flush()).

request_errors() ->
    Dead = spawn(fun() -> ok end),
    ended(Dead),
    P = start(s),
    [ev(answer(gen_server:receive_response(gen_server:send_request(To, What), 1000)))
     || {To, What} <- [{Dead, get}, {diff_nobody, get}, {P, {do, fun(_, S) -> {stop, boom, S} end}}]].

request_collection() ->
    P = start(s),
    Dead = spawn(fun() -> ok end),
    ended(Dead),
    C1 = gen_server:send_request(P, {do, fun(_, S) -> receive go -> ok end, {reply, late, S} end}, first, gen_server:reqids_new()),
    C2 = gen_server:send_request(Dead, get, second, C1),
    ev(gen_server:reqids_size(C2)),
    {A, L, C3} = gen_server:receive_response(C2, 1000, true),
    ev([answer(A), L, gen_server:reqids_size(C3)]),
    ev(gen_server:check_response(hello, C3, true)),
    ev(gen_server:wait_response(C3, 20, true)),
    P ! go,
    {B, M, C4} = gen_server:wait_response(C3, 1000, false),
    ev([answer(B), M, gen_server:reqids_size(C4)]),
    ev(gen_server:receive_response(gen_server:reqids_new(), infinity, true)),
    ev(gen_server:check_response(hello, gen_server:reqids_new(), true)).

request_collection_timeout() ->
    P = start(s),
    Slow = {do, fun(_, S) -> receive go -> ok end, {reply, late, S} end},
    C = gen_server:send_request(P, Slow, b, gen_server:send_request(P, Slow, a, gen_server:reqids_new())),
    ev(gen_server:receive_response(C, 20, true)),
    P ! go, P ! go,
    ev(gen_server:call(P, get)),
    ev(flush()).

%% --- the loop

continue_before_queue() ->
    P = start(s),
    gen_server:cast(P, {do, fun(S) -> receive go -> ok end, {noreply, S, {continue, c}} end}),
    gen_server:cast(P, {tell, queued}),
    P ! info,
    P ! go,
    ev(gen_server:call(P, get)).

continue_after_reply() ->
    P = start(s),
    ev({reply, call(P, fun(_, S) -> {reply, now, S, {continue, {do, fun(S2) -> receive go -> ok end, ev(continued), {noreply, S2} end}}} end)}),
    P ! go,
    ev(gen_server:call(P, get)).

continue_chain() ->
    P = start(0),
    Step = fun Step(3) -> {noreply, 3}; Step(N) -> ev({step, N}), {noreply, N + 1, {continue, {do, Step}}} end,
    gen_server:cast(P, {do, Step}),
    gen_server:cast(P, {tell, queued}),
    ev(gen_server:call(P, get)).

continue_stops() ->
    P = start(s),
    monitor(process, P),
    gen_server:cast(P, {do, fun(_) -> {noreply, first, {continue, {do, fun(S) -> {stop, boom, {S, second}} end}}} end}),
    ev(next()).

idle_timeout() ->
    P = start(s),
    call(P, fun(_, S) -> {reply, ok, S, 10} end),
    timer:sleep(?PAUSE),
    ev(gen_server:call(P, get)).

idle_timeout_cancelled() ->
    P = start(s),
    [begin
         call(P, fun(_, S) -> {reply, ok, S, ?PAUSE} end),
         Message(),
         timer:sleep(2 * ?PAUSE)
     end || Message <- [fun() -> P ! junk end, fun() -> gen_server:call(P, get) end, fun() -> gen_server:cast(P, {tell, x}) end]],
    ev(gen_server:call(P, get)).

idle_timeout_zero() ->
    P = start(s),
    gen_server:cast(P, {do, fun(S) -> receive go -> ok end, {noreply, S, 0} end}),
    P ! queued,
    P ! go,
    timer:sleep(?PAUSE),
    ev(gen_server:call(P, get)),
    gen_server:cast(P, {do, fun(S) -> {noreply, S, 0} end}),
    timer:sleep(?PAUSE),
    ev(gen_server:call(P, get)).

bad_returns() ->
    ev(call(start(s), fun(_, _) -> nothing end)),
    [begin
         P = start(s),
         monitor(process, P),
         Send(P),
         receive {'DOWN', _, process, P, R} -> ev(r(R)) end
     end || Send <- [fun(P) -> gen_server:cast(P, {do, fun(_) -> nothing end}) end,
                     fun(P) -> P ! {do, fun(_) -> nothing end} end,
                     fun(P) -> gen_server:cast(P, {do, fun(_) -> {reply, x, new} end}) end,
                     fun(P) -> gen_server:cast(P, {do, fun(S) -> {noreply, S, {continue, {do, fun(_) -> nothing end}}} end}) end]].

crash_has_old_state() ->
    P = start(old),
    monitor(process, P),
    gen_server:cast(P, {do, fun(_) -> error(boom) end}),
    ev(next()).

exit_has_old_state() ->
    P = start(old),
    monitor(process, P),
    gen_server:cast(P, {do, fun(_) -> exit(boom) end}),
    ev(next()).

info_of_all_kinds() ->
    P = start_trapping(s),
    call(P, fun(_, S) -> erlang:start_timer(0, self(), tick), timer:sleep(20), {reply, ok, S} end),
    call(P, fun(_, S) -> X = spawn(fun() -> ok end), ended(X), monitor(process, X), {reply, ok, S} end),
    call(P, fun(_, S) -> X = spawn_link(fun() -> exit(boom) end), ended(X), {reply, ok, S} end),
    call(P, fun(_, S) -> self() ! {plain, message}, {reply, ok, S} end),
    ev(gen_server:call(P, get)).

%% --- the end

stop_reasons() ->
    [begin
         P = start(s),
         monitor(process, P),
         gen_server:cast(P, {do, fun(_) -> {stop, R, last} end}),
         ev(next())
     end || R <- [normal, shutdown, {shutdown, x}, boom]].

parent_exit() ->
    process_flag(trap_exit, true),
    [begin
         {ok, P} = gen_server:start_link(?MODULE, trapping(s), []),
         exit(P, R),
         ev(next())
     end || R <- [normal, shutdown, boom, kill]].

parent_ends() ->
    Me = self(),
    [begin
         spawn(fun() -> {ok, P} = gen_server:start_link(?MODULE, trapping(s), []), Me ! {child, P}, receive go -> exit(R) end end) ! go,
         {child, P} = next(),
         ended(P)
     end || R <- [normal, boom]].

stranger_exit() ->
    P = start_trapping(s),
    [ended(spawn(fun() -> exit(P, R) end)) || R <- [normal, boom]],
    ev(gen_server:call(P, get)).

untrapped_exit() ->
    process_flag(trap_exit, true),
    [begin
         {ok, P} = gen_server:start_link(?MODULE, fun() -> {ok, s} end, []),
         exit(P, R),
         ev(next())
     end || R <- [shutdown, boom, kill]],
    {ok, Q} = gen_server:start_link(?MODULE, fun() -> {ok, s} end, []),
    exit(Q, normal),
    ev(gen_server:call(Q, get)),
    gen_server:stop(Q).

killed_in_callback() ->
    P = start_trapping(s),
    monitor(process, P),
    Me = self(),
    gen_server:cast(P, {do, fun(S) -> Me ! entered, timer:sleep(60000), {noreply, S} end}),
    entered = next(),
    exit(P, kill),
    ev(next()).

terminate_changes_reason() ->
    [begin
         P = start(s),
         monitor(process, P),
         gen_server:cast(P, {do, fun(_) -> {stop, Stop, {at_end, fun() -> exit(End) end}} end}),
         ev(next())
     end || {Stop, End} <- [{normal, boom}, {boom, normal}, {boom, shutdown}, {boom, other}]].

stop_results() ->
    P = start(s),
    ev([c(fun() -> gen_server:stop(P) end), is_process_alive(P)]),
    ev(c(fun() -> gen_server:stop(P) end)),
    ev(c(fun() -> gen_server:stop(diff_nobody) end)),
    Slow = start({at_end, fun() -> receive go -> ok end end}),
    monitor(process, Slow),
    ev([c(fun() -> gen_server:stop(Slow, shutdown, 20) end), is_process_alive(Slow)]),
    Slow ! go,
    ev(next()),
    Other = start({at_end, fun() -> exit(boom) end}),
    ev(c(fun() -> gen_server:stop(Other) end)),
    {exit, {Why, {sys, terminate, _}}} = call(start(s), fun(_, S) -> {reply, c(fun() -> gen_server:stop(self()) end), S} end),
    ev({exit, Why}),
    [begin Q = start(s), monitor(process, Q), gen_server:stop(Q, R, infinity), ev(next()) end || R <- [shutdown, {shutdown, x}, boom]].

stop_suspended() ->
    P = start(s),
    sys:suspend(P),
    gen_server:cast(P, {tell, never}),
    ev(gen_server:stop(P)).

suspended_keeps_order() ->
    P = start(s),
    sys:suspend(P),
    gen_server:cast(P, {tell, one}),
    P ! two,
    ev(c(fun() -> gen_server:call(P, get, 20) end)),
    gen_server:cast(P, {tell, three}),
    ev(sys:get_state(P)),
    sys:suspend(P),
    sys:resume(P),
    ev(gen_server:call(P, get)),
    sys:resume(P),
    ev(flush()).

suspended_parent_exit() ->
    process_flag(trap_exit, true),
    {ok, P} = gen_server:start_link(?MODULE, trapping(s), []),
    sys:suspend(P),
    P ! never,
    exit(P, shutdown),
    ev(next()).

replaced_state() ->
    P = start(s),
    ev(sys:replace_state(P, fun(S) -> {S, replaced} end)),
    ev(try sys:replace_state(P, fun(_) -> error(boom) end) catch _:_ -> refused end),
    ev(gen_server:call(P, get)).

changed_code() ->
    P = start(s),
    Change = fun(Extra) -> case sys:change_code(P, ?MODULE, v1, Extra) of ok -> ok; {error, _} -> refused end end,
    ev(Change(extra)),
    sys:suspend(P),
    ev(Change(fail)),
    ev(sys:get_state(P)),
    ev(Change(extra)),
    sys:resume(P),
    ev(gen_server:call(P, get)).
