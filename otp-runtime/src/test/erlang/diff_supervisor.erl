%% Supervisors. The Java half is SupervisorDifferentialTests. This module is suite and callback module at once: init/1 returns
%% what it is given. A supervisor is registered as top, or as what the scenario calls it.
%%
%% Children tell each attempt at starting them and that they are stopped; the supervisor's reports are told between. What the
%% start of a child comes to is planned with plan/2, one word for each start; after that it succeeds.
-module(diff_supervisor).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, flush/0, next/0, ended/1, await/1]).

scenarios() ->
    [start_and_stop, start_ignored, start_fails, start_fails_in_server, bad_specs, restart_by_type_and_reason,
     strategy_one_for_one, strategy_one_for_all, strategy_rest_for_one, started_later_is_last, temporary_sibling,
     group_starts_what_had_ended, rest_for_one_leaves_earlier, temporary_concerns_nobody, ignored_restart, another_ends_meanwhile,
     intensity_zero, intensity_two, group_counts_once, ends_that_do_not_count, window_in_whole_seconds,
     sub_supervisor_gives_up, restart_fails_twice, restart_fails_for_ever, restarting_child, group_restart_fails,
     shutdown_times, unlinked_child, stopped_otherwise_than_told, supervisor_killed, ends_of_the_supervisor, stray_messages,
     unknown_call, child_calls, start_child_answers, temporary_child_calls, restart_child_answers, questions, simple,
     simple_by_pid, simple_restarts, simple_restart_fails, simple_gives_up, simple_stops, any_significant,
     all_significant, significant_not_by_itself, significant_sub_supervisor, crashing_server, slow_start, changed_code].

%% --- supervisors

init({table, Key}) -> [{_, Specs}] = ets:lookup(diff_plan, Key), {ok, Specs};
init(server) -> {ok, s};
init(trapping) -> process_flag(trap_exit, true), {ok, s};
init({stop, R}) -> {stop, R};
init(Specs) -> {ok, Specs}.

top(Flags, Children) -> sup(top, Flags, Children).

sup(Name, Flags, Children) ->
    {ok, P} = supervisor:start_link({local, Name}, ?MODULE, {flags(Flags), Children}),
    P.

%% With so many restarts that it does not give up.
flags(Flags) -> maps:merge(#{intensity => 100, period => 60}, Flags).

one_for_one() -> #{strategy => one_for_one}.
one_for_all() -> #{strategy => one_for_all}.
rest_for_one() -> #{strategy => rest_for_one}.

%% What scenarios need: reports, plans, and to outlive what they start.
setup() ->
    ets:new(diff_plan, [named_table, public]),
    process_flag(trap_exit, true),
    logger:remove_handler(default),
    logger:remove_handler(diff_reports),
    ok = logger:add_handler(diff_reports, ?MODULE, #{}),
    reports(info).

log(#{msg := {report, #{label := {supervisor, progress}, report := R}}}, _) ->
    ev({progress, proplists:get_value(id, proplists:get_value(started, R))});
log(#{msg := {report, #{label := {supervisor, Kind}, report := R}}}, _) ->
    Offender = proplists:get_value(offender, R),
    Id = proplists:get_value(id, Offender),
    Reason = r(proplists:get_value(reason, R)),
    case proplists:get_value(nb_children, Offender) of
        undefined -> ev({Kind, Id, Reason});
        N -> ev({Kind, Id, Reason, N})
    end;
log(#{msg := {report, #{label := {proc_lib, crash}, report := [R, _]}}}, _) ->
    [ev({crash, Name}) || Name <- [proplists:get_value(registered_name, R)], Name =/= []];
log(#{msg := {report, #{label := {gen_server, terminate}, name := Name}}}, _) when is_atom(Name) ->
    ev({server_terminate, Name});
log(_, _) -> ok.

reports(Level) -> logger:set_primary_config(level, Level).

%% An exception in a start function is the exception here, without {'EXIT',_} around it.
r({'EXIT', R}) -> r(R);
r(R) -> diff:reason(R).

%% Ends a supervisor as its parent does, and tells how it ended.
stop() -> stop(top).
stop(Name) ->
    P = whereis(Name),
    exit(P, shutdown),
    told_end(P).

told_end(P) -> receive {'EXIT', P, R} -> ev({ended, r(R)}) end.

%% --- children

c(Id) -> c(Id, polite, #{}).
c(Id, Spec) when is_map(Spec) -> c(Id, polite, Spec);
c(Id, Kind) -> c(Id, Kind, #{}).
c(Id, Kind, Spec) -> maps:merge(#{id => Id, start => {?MODULE, start, [Id, Kind]}}, Spec).

transient() -> #{restart => transient}.
temporary() -> #{restart => temporary}.
significant(Spec) -> Spec#{significant => true}.

%% The start of Id comes to each of Words, one after another.
plan(Id, Words) -> ets:insert(diff_plan, {Id, Words}).

planned(Id) ->
    case ets:lookup(diff_plan, Id) of
        [{_, [Word]}] -> ets:delete(diff_plan, Id), Word;
        [{_, [always, Word]}] -> Word;
        [{_, [Word | Rest]}] -> ets:insert(diff_plan, {Id, Rest}), Word;
        [] -> ok
    end.

start(Id, Kind) ->
    case planned(Id) of
        ok -> ev({start, Id}), run(Id, Kind);
        info -> ev({start, Id}), {ok, P} = run(Id, Kind), {ok, P, info};
        fail -> ev({start, Id, fails}), {error, nope};
        silent -> {error, nope};
        exit -> ev({start, Id, exits}), exit(nope);
        error -> ev({start, Id, raises}), error(nope);
        ignore -> ev({start, Id, ignored}), ignore;
        wait -> ev({start, Id, waits}), receive go -> run(Id, Kind) end
    end.

run(Id, Kind) when Kind =:= server; Kind =:= trapping ->
    gen_server:start_link({local, Id}, ?MODULE, Kind, []);
run(_, {named, Name}) ->
    gen_server:start_link({local, Name}, ?MODULE, server, []);
run(_, {stop, R}) ->
    gen_server:start_link(?MODULE, {stop, R}, []);
run(_, {sup, Name, Flags, Children}) ->
    supervisor:start_link({local, Name}, ?MODULE, {flags(Flags), Children});
run(Id, Kind) ->
    Sup = self(),
    P = spawn_link(fun() ->
        process_flag(trap_exit, Kind =/= plain),
        [unlink(Sup) || Kind =:= unlinked],
        Sup ! {up, self()},
        child(Id, Kind)
    end),
    receive {up, P} -> {ok, P} end.

child(Id, Kind) ->
    receive
        {die, R} -> exit(R);
        {'EXIT', _, R} -> told(Id, Kind, R)
    end.

told(Id, polite, R) -> ev({stop, Id}), exit(R);
told(Id, {ends, Reason}, _) -> ev({stop, Id}), exit(Reason);
told(_, quiet, R) -> exit(R);
told(Id, killer, R) ->
    ev({stop, Id}),
    [ended(P, bang) || {_, P} <- ets:take(diff_plan, victim)],
    exit(R);
told(Id, quiet_stubborn, _) -> child(Id, quiet_stubborn);
told(Id, unlinked, _) -> child(Id, unlinked);
told(Id, stubborn, R) -> ev({told, Id, R}), child(Id, stubborn).

handle_call(crash, _, _) -> error(boom);
handle_call({stop, R}, _, S) -> {stop, R, ok, S}.

handle_cast(crash, _) -> error(boom).

terminate(R, _) -> ev({terminate, r(R)}).

%% --- what scenarios do

children() -> children(top).
children(Sup) -> try supervisor:which_children(Sup) catch exit:_ -> [] end.

%% The newest first.
show() -> show(top).
show(Sup) -> ev([{Id, if is_pid(P) -> running; true -> P end} || {Id, P, _, _} <- supervisor:which_children(Sup)]).

counts() -> counts(top).
counts(Sup) ->
    C = supervisor:count_children(Sup),
    ev([proplists:get_value(K, C) || K <- [specs, active, supervisors, workers]]).

pid(Id) -> pid(top, Id).
pid(Sup, Id) -> {_, P, _, _} = lists:keyfind(Id, 1, supervisor:which_children(Sup)), P.

%% The child ends by itself; waits until its supervisor has done what it does about that.
die(Id, R) -> die(top, Id, R).
die(Sup, Id, R) -> end_with(Sup, pid(Sup, Id), R).

end_with(Sup, P, R) ->
    ended(P, R),
    await(fun() -> Pids = [Q || {_, Q, _, _} <- children(Sup)],
                   not lists:member(P, Pids) andalso not lists:member(restarting, Pids) end).

ended(P, killed) -> exit(P, kill), diff:ended(P);
ended(P, R) -> P ! {die, R}, diff:ended(P).

%% What a call answers, without the child record that a failed start comes with.
a({ok, P}) when is_pid(P) -> ok;
a({ok, P, Info}) when is_pid(P) -> {ok, Info};
a({ok, undefined}) -> ignored;
a({error, {already_started, P}}) when is_pid(P) -> already_started;
a({error, {R, Child}}) when element(1, Child) =:= child -> {error, r(R)};
a({error, {shutdown, {failed_to_start_child, Id, R}}}) -> {error, {shutdown, {failed_to_start_child, Id, r(R)}}};
a({error, R}) -> {error, r(R)};
a(X) -> X.

start_child(Child) -> ev(a(supervisor:start_child(top, Child))).
terminate_child(Id) -> ev(a(supervisor:terminate_child(top, Id))).
restart_child(Id) -> ev(a(supervisor:restart_child(top, Id))).
delete_child(Id) -> ev(a(supervisor:delete_child(top, Id))).

%% --- start

start_and_stop() ->
    setup(),
    top(one_for_one(), [c(a), c(b), c(c)]),
    show(),
    stop(),
    sup(empty, rest_for_one(), []),
    stop(empty),
    ev(whereis(top)).

start_ignored() ->
    setup(),
    plan(i, [ignore]),
    plan(t, [ignore]),
    top(one_for_one(), [c(i), c(t, temporary()), c(z)]),
    show(),
    counts(),
    restart_child(i),
    show(),
    stop().

start_fails() ->
    setup(),
    [begin
         plan(k, [How]),
         ev(a(supervisor:start_link({local, top}, ?MODULE, {flags(one_for_all()), [c(a), c(b), c(k), c(z)]}))),
         flush(),
         ev(whereis(top))
     end || How <- [fail, exit, error]].

start_fails_in_server() ->
    setup(),
    [begin
         ev(a(supervisor:start_link({local, top}, ?MODULE, {flags(one_for_one()), [c(a), c(k, {stop, R})]}))),
         flush()
     end || R <- [nope, normal, shutdown]].

bad_specs() ->
    setup(),
    reports(none),
    Try = fun(Flags, Children) ->
        {error, {_, E}} = supervisor:start_link({local, top}, ?MODULE, {Flags, Children}),
        flush(),
        ev(element(1, E))
    end,
    F = one_for_one(),
    Try(F, [c(a), c(b), c(a)]),
    Try(F, [c(a, #{shutdown => -1})]),
    Try(F#{intensity => -1}, [c(a)]),
    Try(F#{period => 0}, [c(a)]),
    Try(F, [c(a), c(b, significant(transient()))]),
    Try(F#{auto_shutdown => any_significant}, [c(a, #{significant => true})]),
    ev([case supervisor:check_childspecs([c(a, Spec)], Auto) of ok -> ok; {error, E} -> element(1, E) end
        || Auto <- [never, any_significant, all_significant],
           Spec <- [#{}, #{significant => true}, significant(transient()), significant(temporary())]]).

%% --- restarts

restart_by_type_and_reason() ->
    setup(),
    [begin
         ev({Restart, R}),
         top(one_for_one(), [c(x, quiet, #{restart => Restart})]),
         die(x, R),
         show(),
         stop()
     end || Restart <- [permanent, transient, temporary], R <- [normal, shutdown, {shutdown, x}, killed, noproc, boom]].

strategy_one_for_one() -> strategy(one_for_one()).
strategy_one_for_all() -> strategy(one_for_all()).
strategy_rest_for_one() -> strategy(rest_for_one()).

strategy(Flags) ->
    setup(),
    top(Flags, [c(a), c(b), c(c)]),
    [begin ev({ends, Id}), die(Id, boom) end || Id <- [a, b, c]],
    show(),
    stop().

started_later_is_last() ->
    setup(),
    top(rest_for_one(), [c(a), c(b)]),
    start_child(c(c)),
    die(b, boom),
    show(),
    stop().

temporary_sibling() ->
    setup(),
    [begin
         top(Flags, [c(a), c(t, temporary()), c(z)]),
         die(a, boom),
         show(),
         stop()
     end || Flags <- [one_for_all(), rest_for_one()]].

group_starts_what_had_ended() ->
    setup(),
    top(one_for_all(), [c(a), c(t, temporary()), c(tr, transient()), c(x), c(z)]),
    die(tr, normal),
    terminate_child(x),
    show(),
    die(a, boom),
    show(),
    stop().

rest_for_one_leaves_earlier() ->
    setup(),
    top(rest_for_one(), [c(tr, transient()), c(a), c(tr2, transient()), c(z)]),
    die(tr, normal),
    die(tr2, shutdown),
    die(a, boom),
    show(),
    stop().

temporary_concerns_nobody() ->
    setup(),
    [begin
         top(Flags, [c(a), c(t, temporary()), c(z)]),
         die(t, boom),
         show(),
         stop()
     end || Flags <- [one_for_one(), one_for_all(), rest_for_one()]].

ignored_restart() ->
    setup(),
    top(one_for_all(), [c(a), c(b)]),
    plan(a, [ignore]),
    die(b, boom),
    show(),
    stop().

%% c ends by itself while its supervisor stops z, for a.
another_ends_meanwhile() ->
    setup(),
    top(one_for_all(), [c(a), c(b), c(c), c(z, killer)]),
    ets:insert(diff_plan, {victim, pid(c)}),
    die(a, boom),
    show(),
    stop().

%% --- giving up

intensity_zero() ->
    setup(),
    P = top((one_for_one())#{intensity => 0}, [c(a), c(f), c(z), c(t, temporary())]),
    die(t, boom),
    die(f, boom),
    told_end(P).

intensity_two() ->
    setup(),
    P = top((one_for_one())#{intensity => 2}, [c(a), c(b)]),
    die(a, boom),
    die(b, normal),
    die(a, killed),
    told_end(P).

group_counts_once() ->
    setup(),
    [begin
         P = top(Flags#{intensity => 1}, [c(a), c(b), c(c)]),
         die(a, boom),
         die(b, boom),
         told_end(P)
     end || Flags <- [one_for_all(), rest_for_one()]].

ends_that_do_not_count() ->
    setup(),
    top((one_for_one())#{intensity => 0}, [c(tr, transient()), c(t, temporary()), c(a)]),
    die(tr, normal),
    die(t, boom),
    terminate_child(a),
    restart_child(a),
    show(),
    stop().

%% Ends at seconds x.0 and x+1.2 are one second apart, ends at x.5 and x+2.2 are two.
window_in_whole_seconds() ->
    setup(),
    Flags = (one_for_one())#{intensity => 1, period => 1},
    P = top(Flags, [c(a, quiet)]),
    First = next_second(),
    at(First),
    die(a, boom),
    at(First + 1200),
    die(a, boom),
    told_end(P),
    top(Flags, [c(a, quiet)]),
    Second = next_second(),
    at(Second + 500),
    die(a, boom),
    at(Second + 2200),
    die(a, boom),
    show(),
    stop().

next_second() -> (erlang:monotonic_time(second) + 1) * 1000.

at(Millis) -> await(fun() -> erlang:monotonic_time(millisecond) >= Millis end).

sub_supervisor_gives_up() ->
    setup(),
    Sub = {sup, sub, (one_for_one())#{intensity => 0}, [c(a)]},
    [begin
         top(one_for_one(), [c(s, Sub, #{type => supervisor, restart => Restart}), c(b)]),
         P = pid(s),
         ended(pid(sub, a), boom),
         await(fun() -> pid(s) =/= P end),
         show(),
         stop()
     end || Restart <- [permanent, transient]].

%% --- restarts that fail

restart_fails_twice() ->
    setup(),
    top(one_for_one(), [c(a), c(f), c(z)]),
    plan(f, [fail, exit]),
    die(f, boom),
    show(),
    stop().

restart_fails_for_ever() ->
    setup(),
    P = top((one_for_one())#{intensity => 3}, [c(a), c(f), c(z)]),
    plan(f, [always, fail]),
    die(f, boom),
    told_end(P).

restarting_child() ->
    setup(),
    reports(none),
    top((one_for_one())#{intensity => 1000000, period => 1}, [c(a), c(f)]),
    plan(f, [always, silent]),
    ended(pid(f), boom),
    await(fun() -> pid(f) =:= restarting end),
    show(),
    restart_child(f),
    delete_child(f),
    start_child(c(f)),
    terminate_child(f),
    show(),
    terminate_child(f),
    delete_child(f),
    show(),
    stop().

group_restart_fails() ->
    setup(),
    [begin
         ev({ends, Id}),
         top(Flags, [c(a), c(b), c(f), c(z)]),
         plan(f, [fail, fail]),
         die(Id, boom),
         show(),
         stop()
     end || {Flags, Ids} <- [{one_for_all(), [z, b]}, {rest_for_one(), [b, f]}], Id <- Ids].

%% --- shutdown

shutdown_times() ->
    setup(),
    top(one_for_one(), [c(a, stubborn, #{shutdown => 20}), c(b, quiet_stubborn, #{shutdown => 0}),
                        c(c, stubborn, #{shutdown => brutal_kill}), c(d, #{shutdown => infinity}),
                        c(e, plain), c(f, #{shutdown => brutal_kill})]),
    [ev({Id, begin P = pid(Id), M = monitor(process, P), terminate_child(Id),
             receive {'DOWN', M, _, _, R} -> r(R) end end}) || Id <- [a, c, d, e, f]],
    show(),
    stop().

unlinked_child() ->
    setup(),
    top(one_for_one(), [c(a), c(u, unlinked, #{shutdown => 20})]),
    P = pid(u),
    terminate_child(u),
    ev(is_process_alive(P)),
    show(),
    stop().

stopped_otherwise_than_told() ->
    setup(),
    [begin
         ev({Restart, R}),
         top(one_for_one(), [c(a, {ends, R}, #{restart => Restart})]),
         stop()
     end || Restart <- [permanent, transient, temporary], R <- [normal, {shutdown, x}, killed, boom]].

supervisor_killed() ->
    setup(),
    Sup = top(one_for_one(), [c(plain, plain), c(raw, quiet_stubborn), c(srv, trapping)]),
    [Plain, Raw, Srv] = [pid(Id) || Id <- [plain, raw, srv]],
    M = monitor(process, Plain),
    exit(Sup, kill),
    receive {'DOWN', M, _, _, R} -> ended(Srv), ev(r(R)) end,
    told_end(Sup),
    ev(is_process_alive(Raw)),
    ended(Raw, killed).

%% A signal of its parent, with any reason, ends it; of anyone else none does.
ends_of_the_supervisor() ->
    setup(),
    [begin
         P = top(one_for_one(), [c(a), c(b)]),
         spawn(fun() -> exit(P, boom) end),
         show(),
         exit(P, R),
         told_end(P)
     end || R <- [shutdown, {shutdown, x}, boom]],
    Me = self(),
    Parent = spawn(fun() -> Me ! {top, top(one_for_one(), [c(a), c(b)])}, receive go -> ok end end),
    {top, Orphan} = next(),
    M = monitor(process, Orphan),
    Parent ! go,
    receive {'DOWN', M, _, _, Reason} -> ev(Reason) end.

stray_messages() ->
    setup(),
    Sup = top(one_for_one(), [c(a)]),
    Sup ! junk,
    counts(),
    stop().

unknown_call() ->
    setup(),
    Sup = top(one_for_one(), [c(a), c(b)]),
    ev(case diff:error_of(fun() -> gen_server:call(top, what) end) of {call, R} -> {call, r(R)} end),
    told_end(Sup).

%% --- calls

child_calls() ->
    setup(),
    top(one_for_one(), [c(a)]),
    start_child(c(b)),
    start_child(c(b)),
    terminate_child(b),
    start_child(c(b)),
    restart_child(b),
    restart_child(b),
    delete_child(b),
    terminate_child(b),
    terminate_child(b),
    delete_child(b),
    delete_child(b),
    restart_child(b),
    terminate_child(b),
    show(),
    stop().

start_child_answers() ->
    setup(),
    top(one_for_one(), [c(a)]),
    plan(b, [info]),
    start_child(c(b)),
    plan(i, [ignore]),
    start_child(c(i)),
    start_child(c(i)),
    plan(f, [fail, exit]),
    start_child(c(f)),
    start_child(c(f)),
    start_child(c(s, {stop, nope})),
    start_child(c(srv, server)),
    {error, {{already_started, P}, _}} = supervisor:start_child(top, c(again, {named, srv})),
    ev(P =:= whereis(srv)),
    show(),
    stop().

temporary_child_calls() ->
    setup(),
    top(one_for_one(), [c(a)]),
    plan(i, [ignore]),
    start_child(c(i, temporary())),
    start_child(c(t, temporary())),
    show(),
    terminate_child(t),
    terminate_child(t),
    restart_child(t),
    show(),
    stop().

restart_child_answers() ->
    setup(),
    top(one_for_all(), [c(a), c(b)]),
    terminate_child(a),
    plan(a, [fail, ignore, info]),
    restart_child(a),
    restart_child(a),
    restart_child(a),
    terminate_child(a),
    restart_child(a),
    show(),
    stop().

questions() ->
    setup(),
    top(one_for_one(), [c(a), c(s, {sup, sub, one_for_one(), []}, #{type => supervisor})]),
    start_child(c(b, transient())),
    die(b, normal),
    show(),
    counts(),
    {ok, Spec} = supervisor:get_childspec(top, a),
    ev([maps:get(K, Spec) || K <- [id, restart, shutdown, type, significant]]),
    {ok, Sub} = supervisor:get_childspec(top, s),
    ev([maps:get(K, Sub) || K <- [id, restart, shutdown, type, significant]]),
    ev(supervisor:get_childspec(top, q)),
    ev(supervisor:terminate_child(top, q)),
    stop().

%% --- simple_one_for_one

simple_top(Flags, Spec) ->
    top(Flags#{strategy => simple_one_for_one},
        [maps:merge(#{id => w, start => {?MODULE, start_simple, [Kind]}}, maps:remove(kind, Spec))
         || Kind <- [maps:get(kind, Spec, quiet)]]).

start_simple(Kind, Id) -> start(Id, Kind).

start_simple_child(Id) -> ev(a(supervisor:start_child(top, [Id]))).

%% The pid of the child that is started with Id.
simple_child(Id) ->
    {ok, P} = supervisor:start_child(top, [Id]),
    P.

simple() ->
    setup(),
    simple_top(#{}, #{}),
    counts(),
    start_simple_child(a),
    plan(b, [info]),
    start_simple_child(b),
    plan(i, [ignore]),
    start_simple_child(i),
    plan(f, [fail, exit]),
    start_simple_child(f),
    start_simple_child(f),
    show(),
    counts(),
    restart_child(w),
    delete_child(w),
    terminate_child(w),
    {ok, #{id := Id}} = supervisor:get_childspec(top, w),
    ev(Id),
    stop().

simple_by_pid() ->
    setup(),
    simple_top(#{}, #{kind => polite}),
    A = simple_child(a),
    simple_child(b),
    terminate_child(A),
    terminate_child(A),
    terminate_child(self()),
    counts(),
    stop().

simple_restarts() ->
    setup(),
    [begin
         ev({Restart, R}),
         simple_top(#{}, #{restart => Restart}),
         end_with(top, simple_child(a), R),
         counts(),
         stop()
     end || Restart <- [permanent, transient, temporary], R <- [normal, {shutdown, x}, killed, boom]].

simple_restart_fails() ->
    setup(),
    simple_top(#{}, #{}),
    A = simple_child(a),
    plan(a, [fail, fail]),
    end_with(top, A, boom),
    show(),
    stop().

simple_gives_up() ->
    setup(),
    P = simple_top(#{intensity => 1}, #{}),
    A = simple_child(a),
    B = simple_child(b),
    simple_child(c),
    end_with(top, A, boom),
    end_with(top, B, boom),
    told_end(P).

simple_stops() ->
    setup(),
    simple_top(#{}, #{kind => {ends, boom}, restart => temporary}),
    simple_child(a),
    stop(),
    [begin
         simple_top(#{}, maps:merge(#{kind => quiet_stubborn, restart => temporary}, Spec)),
         [simple_child(x) || _ <- [1, 2, 3]],
         stop()
     end || Spec <- [#{shutdown => 20}, #{shutdown => brutal_kill}]].

%% --- significant children

any_significant() ->
    setup(),
    [begin
         ev({Restart, R}),
         P = top((one_for_one())#{auto_shutdown => any_significant},
                 [c(x), c(a, quiet, significant(#{restart => Restart})), c(y)]),
         die(a, R),
         case whereis(top) of undefined -> ok; _ -> survives(P) end,
         told_end(P)
     end || Restart <- [transient, temporary], R <- [normal, shutdown, {shutdown, x}, boom]].

survives(P) -> ev(survives), exit(P, shutdown).

all_significant() ->
    setup(),
    P = top((one_for_one())#{auto_shutdown => all_significant},
            [c(x), c(a, significant(transient())), c(b, significant(temporary())), c(y, transient())]),
    die(y, normal),
    die(a, normal),
    show(),
    die(b, boom),
    told_end(P).

significant_not_by_itself() ->
    setup(),
    [begin
         top((one_for_all())#{auto_shutdown => Auto},
             [c(x), c(a, significant(transient())), c(t, significant(temporary()))]),
         die(x, boom),
         show(),
         terminate_child(a),
         show(),
         stop()
     end || Auto <- [any_significant, all_significant]].

significant_sub_supervisor() ->
    setup(),
    Sub = {sup, sub, (one_for_one())#{auto_shutdown => any_significant}, [c(w, significant(transient()))]},
    [begin
         P = top((one_for_one())#{auto_shutdown => any_significant},
                 [c(s, Sub, #{type => supervisor, restart => transient, significant => Significant}), c(b)]),
         S = pid(s),
         ended(pid(sub, w), normal),
         ended(S),
         await(fun() -> not lists:keymember(S, 2, children()) end),
         case whereis(top) of undefined -> ok; _ -> survives(P) end,
         told_end(P)
     end || Significant <- [true, false]].

%% --- reports and the rest

crashing_server() ->
    setup(),
    top(one_for_one(), [c(srv, server)]),
    P = whereis(srv),
    gen_server:cast(srv, crash),
    await(fun() -> pid(srv) =/= P end),
    show(),
    gen_server:call(srv, {stop, normal}),
    await(fun() -> is_pid(whereis(srv)) end),
    show(),
    stop().

slow_start() ->
    setup(),
    Sup = top(one_for_one(), [c(a)]),
    plan(w, [wait]),
    Me = self(),
    spawn(fun() -> Me ! a(supervisor:start_child(top, c(w))) end),
    await(fun() -> ets:lookup(diff_plan, w) =:= [] end),
    ev(diff:error_of(fun() -> gen_server:call(top, which_children, 20) end)),
    Sup ! go,
    ev(next()),
    show(),
    stop().

changed_code() ->
    setup(),
    ets:insert(diff_plan, {specs, {flags(one_for_one()), [c(a), c(b), c(c), c(d)]}}),
    {ok, Sup} = supervisor:start_link({local, top}, ?MODULE, {table, specs}),
    Change = fun(Flags, Children) ->
        ets:insert(diff_plan, {specs, {flags(Flags), Children}}),
        sys:suspend(Sup),
        ev(case sys:change_code(Sup, ?MODULE, '1', x) of ok -> ok; {error, _} -> error end),
        sys:resume(Sup)
    end,
    A = pid(a),
    Change(one_for_all(), [c(n), c(d), c(a, temporary()), c(m)]),
    ev(pid(a) =:= A),
    show(),
    restart_child(m),
    Change(one_for_one(), [c(a, significant(transient()))]),
    die(b, boom),
    show(),
    stop().
