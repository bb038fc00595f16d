%% sys, enter_loop and tracing. The Java half is SysDifferentialTests. This module is suite, server and
%% special process at once.
-module(diff_sys).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, ev/2, flush/0, next/0, ended/1, await/1]).

scenarios() ->
    [nothing_is_kept, server_log, log_is_bounded, log_again, log_off, statistics, installed, installed_again, done,
     crashing, crashed_callback, no_debug, suspended_log, supervisor_log, manager_log, machine_log, machine_timers,
     machine_end, machine_enters, special_state, special_suspended, special_code, special_end, special_log, loop_entered,
     loop_continues, loop_name, loop_parent, loop_in_mailbox, machine_loop, traced_life, traced_link, traced_messages].

%% --- the server

init(S) -> {ok, S}.
handle_call({continue, C}, _From, S) -> {reply, ok, S, {continue, C}};
handle_call(later, From, S) -> gen_server:reply(From, late), {noreply, S};
handle_call(stop, _From, S) -> {stop, normal, bye, S};
handle_call(M, _From, S) -> {reply, {re, M}, S}.
handle_cast(timeout, S) -> {noreply, S, 0};
handle_cast(crash, _S) -> error(crash);
handle_cast(M, _S) -> {noreply, M}.
handle_info(_M, S) -> {noreply, S}.
handle_continue(C, S) -> {noreply, {S, C}}.
terminate(R, S) -> ev({terminate, diff:reason(R), S}).
code_change(_Old, _S, fail) -> error(fail);
code_change(_Old, S, X) -> {ok, {S, X}}.

start() -> {ok, P} = gen_server:start(?MODULE, s, []), P.

shown({in, {'$gen_call', _, M}}) -> {in, call, M};
shown({in, {'$gen_cast', M}}) -> {in, cast, M};
shown({in, timeout}) -> {in, timeout};
shown({in, {notify, M}}) -> {in, notify, M};
shown({in, M}) -> {in, info, M};
shown({in, {T, M}, S}) -> {in, type(T), M, S};
shown({out, R, _To}) -> {out, R};
shown({out, R, _To, S}) -> {out, R, S};
shown({consume, {T, M}, S, N}) -> {consume, type(T), M, S, N};
shown({postpone, {T, M}, S, N}) -> {postpone, type(T), M, S, N};
shown({start_timer, {T, _Time, M, _}, S}) -> {start_timer, type(T), M, S};
shown({module, _M, S}) -> {module, S};
shown(E) -> E.

type({call, _}) -> call;
type({timeout, N}) -> {timeout, N};
type(T) -> T.

log(P) -> {ok, L} = sys:log(P, get), [ev(shown(E)) || E <- L], ok.
stat(P) ->
    case sys:statistics(P, get) of
        {ok, no_statistics} -> none;
        {ok, L} -> {proplists:get_value(messages_in, L), proplists:get_value(messages_out, L)}
    end.

%% --- debugging

nothing_is_kept() ->
    P = start(),
    gen_server:call(P, a),
    ev(sys:log(P, get)),
    ev(stat(P)).

server_log() ->
    P = start(),
    sys:log(P, {true, 50}),
    gen_server:call(P, a),
    gen_server:cast(P, b),
    P ! c,
    gen_server:call(P, {continue, d}),
    gen_server:call(P, later),
    gen_server:cast(P, timeout),
    await(fun() -> {ok, L} = sys:log(P, get), lists:member({in, timeout}, L) end),
    log(P).

log_is_bounded() ->
    P = start(),
    sys:log(P, true),
    [gen_server:call(P, N) || N <- lists:seq(1, 7)],
    log(P),
    Q = start(),
    sys:log(Q, {true, 3}),
    [gen_server:call(Q, N) || N <- lists:seq(1, 7)],
    log(Q).

log_again() ->
    P = start(),
    sys:log(P, {true, 3}),
    sys:log(P, {true, 8}),
    [gen_server:call(P, N) || N <- lists:seq(1, 7)],
    log(P).

log_off() ->
    P = start(),
    sys:log(P, true),
    gen_server:call(P, a),
    sys:log(P, false),
    gen_server:call(P, b),
    log(P),
    sys:log(P, true),
    gen_server:call(P, c),
    log(P).

statistics() ->
    P = start(),
    gen_server:call(P, a),
    sys:statistics(P, true),
    ev(stat(P)),
    gen_server:call(P, a),
    gen_server:cast(P, b),
    gen_server:call(P, later),
    P ! c,
    sys:statistics(P, true),
    sys:get_state(P),
    ev(stat(P)),
    sys:statistics(P, false),
    ev(stat(P)),
    sys:statistics(P, true),
    ev(stat(P)).

teller(Self) ->
    fun(N, E, _) ->
        Self ! {N, shown(E)},
        case E of
            {in, {_, _, done}} -> done;
            {in, {_, _, crash}} -> error(crash);
            _ -> N + 1
        end
    end.

installed() ->
    P = start(),
    F = teller(self()),
    ev(sys:install(P, {f, F, 0})),
    gen_server:call(P, a),
    gen_server:cast(P, b),
    sys:get_state(P),
    ev(sys:remove(P, f)),
    gen_server:call(P, c),
    ev(sys:remove(P, f)),
    ev(flush()).

installed_again() ->
    P = start(),
    F = teller(self()),
    sys:install(P, {f, F, 0}),
    gen_server:call(P, a),
    sys:install(P, {f, F, 100}),
    sys:install(P, {g, F, 200}),
    gen_server:cast(P, b),
    sys:get_state(P),
    ev(lists:sort(flush())).

done() ->
    P = start(),
    sys:install(P, {f, teller(self()), 0}),
    ev(gen_server:call(P, done)),
    gen_server:call(P, a),
    ev(flush()).

crashing() ->
    P = start(),
    sys:install(P, {f, teller(self()), 0}),
    ev(gen_server:call(P, crash)),
    ev(gen_server:call(P, a)),
    ev(flush()).

crashed_callback() ->
    P = start(),
    sys:install(P, {f, teller(self()), 0}),
    gen_server:cast(P, crash),
    ended(P),
    ev(flush()).

no_debug() ->
    P = start(),
    sys:log(P, true),
    sys:statistics(P, true),
    sys:install(P, {f, teller(self()), 0}),
    ev(sys:no_debug(P)),
    gen_server:call(P, a),
    log(P),
    ev(stat(P)),
    ev(flush()).

suspended_log() ->
    P = start(),
    sys:suspend(P),
    sys:log(P, true),
    gen_server:cast(P, a),
    log(P),
    sys:resume(P),
    sys:get_state(P),
    log(P).

supervisor_log() ->
    {ok, P} = supervisor:start_link(diff_sys_sup, []),
    sys:log(P, true),
    supervisor:which_children(P),
    {ok, L} = sys:log(P, get),
    ev([element(1, E) || E <- L]),
    unlink(P),
    gen_server:stop(P).

manager_log() ->
    {ok, P} = gen_event:start(),
    sys:log(P, true),
    gen_event:notify(P, a),
    P ! b,
    gen_event:sync_notify(P, c),
    {ok, L} = sys:log(P, get),
    ev([case E of {in, {notify, M}} -> {notify, M}; {in, {_, _, {sync_notify, M}}} -> {sync_notify, M}; {in, M} -> {info, M} end
        || E <- L]).

%% --- machines

machine(Actions) ->
    {ok, P} = gen_statem:start(diff_sys_machine, Actions, []),
    sys:log(P, {true, 100}),
    P.

machine_log() ->
    P = machine(plain),
    gen_statem:call(P, {keep, [reply]}),
    gen_statem:cast(P, later),
    gen_statem:call(P, {go, busy}),
    P ! hello,
    gen_statem:cast(P, {insert, x}),
    gen_statem:cast(P, swap),
    sys:get_state(P),
    log(P).

machine_timers() ->
    P = machine(plain),
    [begin
        gen_statem:cast(P, {timer, T, 10}),
        await(fun() -> {ok, L} = sys:log(P, get), lists:any(fun({consume, {X, fired}, _, _}) -> X =:= T; (_) -> false end, L) end)
     end || T <- [state_timeout, {timeout, name}]],
    gen_statem:cast(P, {timer, timeout, 0}),
    gen_statem:cast(P, {timer, {timeout, long}, infinity}),
    gen_statem:cast(P, {cancel, state_timeout}),
    sys:get_state(P),
    log(P).

machine_end() ->
    P = machine(plain),
    sys:install(P, {f, fun(_, E, S) -> S, case E of {terminate, R, St} -> ev({terminate, R, St}); _ -> ok end, s end, s}),
    gen_statem:cast(P, stop),
    ended(P).

machine_enters() ->
    P = machine(enters),
    gen_statem:call(P, {go, busy}),
    log(P).

%% --- a special process: counts the ticks it is sent

special() -> {ok, P} = proc_lib:start(?MODULE, special_init, [self()]), P.

special_init(Parent) ->
    proc_lib:init_ack(Parent, {ok, self()}),
    special_loop(Parent, sys:debug_options([]), 0).

special_loop(Parent, Deb, N) ->
    receive
        {tick, From} ->
            Deb1 = sys:handle_debug(Deb, fun(_, _, _) -> ok end, special, {in, tick}),
            From ! {ticked, N + 1},
            special_loop(Parent, Deb1, N + 1);
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Parent, ?MODULE, Deb, N)
    end.

system_continue(Parent, Deb, N) -> special_loop(Parent, Deb, N).
system_terminate(Reason, _Parent, _Deb, N) -> ev({terminated, Reason, N}), exit(Reason).
system_get_state(N) -> {ok, N}.
system_replace_state(F, N) -> M = F(N), {ok, M, M}.
system_code_change(_N, _Module, _Old, fail) -> {error, fail};
system_code_change(N, _Module, _Old, Extra) -> {ok, N + Extra}.

tick(P) -> P ! {tick, self()}, ok.

special_state() ->
    P = special(),
    tick(P), ev(next()),
    ev(sys:get_state(P)),
    ev(sys:replace_state(P, fun(N) -> N + 10 end)),
    ev(try sys:replace_state(P, fun(_) -> error(boom) end) catch _:_ -> refused end),
    tick(P), ev(next()).

special_suspended() ->
    P = special(),
    sys:suspend(P),
    tick(P), tick(P),
    ev(flush()),
    ev(sys:get_state(P)),
    sys:resume(P),
    ev(next()), ev(next()).

special_code() ->
    P = special(),
    Refused = fun(ok) -> ok; ({error, _}) -> refused end,
    ev(Refused(sys:change_code(P, ?MODULE, v1, 5))),
    sys:suspend(P),
    ev(Refused(sys:change_code(P, ?MODULE, v1, fail))),
    ev(Refused(sys:change_code(P, ?MODULE, v1, 5))),
    sys:resume(P),
    tick(P), ev(next()).

special_end() ->
    P = special(),
    tick(P), next(),
    ev(sys:terminate(P, bye)),
    ended(P).

special_log() ->
    P = special(),
    sys:log(P, true),
    sys:statistics(P, true),
    tick(P), next(), tick(P), next(),
    ev(element(2, sys:log(P, get))),
    ev(stat(P)).

%% --- enter_loop

proc(F) -> proc_lib:spawn_link(F).

loop_entered() ->
    P = proc(fun() -> receive go -> ok end, gen_server:enter_loop(?MODULE, [], {own, state}) end),
    P ! go,
    ev(gen_server:call(P, a)),
    gen_server:cast(P, b),
    ev(sys:get_state(P)),
    ev(gen_server:call(P, stop)),
    ended(P).

loop_continues() ->
    P = proc(fun() -> gen_server:enter_loop(?MODULE, [], s, {continue, c}) end),
    ev(sys:get_state(P)).

loop_name() ->
    process_flag(trap_exit, true),
    P = proc(fun() -> register(looper, self()), gen_server:enter_loop(?MODULE, [], s, {local, looper}) end),
    await(fun() -> whereis(looper) =/= undefined end),
    ev(gen_server:call(looper, a)),
    Q = proc(fun() -> gen_server:enter_loop(?MODULE, [], s, {local, other}) end),
    receive {'EXIT', Q, R} -> ev(R) end,
    T = proc(fun() -> gen_server:enter_loop(?MODULE, [], s, {local, looper}) end),
    receive {'EXIT', T, R2} -> ev(R2) end,
    unlink(P), exit(P, kill).

loop_parent() ->
    process_flag(trap_exit, true),
    P = proc(fun() -> process_flag(trap_exit, true), gen_server:enter_loop(?MODULE, [], s) end),
    sys:get_state(P),
    exit(P, why),
    receive {'EXIT', P, R} -> ev(R) end.

loop_in_mailbox() ->
    P = proc(fun() -> receive go -> ok end, gen_server:enter_loop(?MODULE, [], s) end),
    gen_server:cast(P, first),
    P ! go,
    ev(sys:get_state(P)),
    unlink(P), exit(P, kill).

machine_loop() ->
    P = proc(fun() -> gen_statem:enter_loop(diff_sys_machine, [], start, plain, [{next_event, cast, {go_cast, busy}}]) end),
    ev(element(1, sys:get_state(P))),
    gen_statem:call(P, {go, idle}),
    ev(element(1, sys:get_state(P))),
    unlink(P), exit(P, kill).

%% --- tracing

traced(Flags, F) ->
    P = spawn(fun() -> receive go -> F() end end),
    erlang:trace(P, true, Flags),
    P ! go,
    ended(P),
    [trace_shown(T) || T <- flush(), element(1, T) =:= trace].

trace_shown({trace, _, 'receive', M}) -> {received, M};
trace_shown({trace, _, K}) -> K;
trace_shown({trace, _, exit, R}) -> {exit, diff:reason(R)};
trace_shown({trace, _, K, N}) when is_pid(N) -> K;
trace_shown({trace, _, K, N}) -> {K, N};
trace_shown({trace, _, spawn, _, _}) -> spawn;
trace_shown({trace, _, K, X, _To}) -> {K, X}.

traced_life() ->
    ev(traced([procs], fun() ->
        register(traced, self()), unregister(traced), register(traced, self()),
        spawn(fun() -> ok end),
        exit(bye)
    end)).

traced_link() ->
    Q = spawn(fun() -> receive stop -> ok end end),
    ev(traced([procs], fun() -> link(Q), link(Q), unlink(Q), spawn_link(fun() -> receive stop -> ok end end), ok end)),
    ev(traced([procs], fun() ->
        process_flag(trap_exit, true),
        D = spawn_link(fun() -> ok end),
        receive {'EXIT', D, _} -> ok end
    end)).

traced_messages() ->
    Dead = spawn(fun() -> ok end),
    ended(Dead),
    Self = self(),
    ev(traced([send, 'receive'], fun() -> Self ! a, Dead ! b, self() ! c, receive c -> ok end end)),
    flush().
