%% The Erlang half of the differential tests: runs every scenario of every suite and prints what
%% happened, one event a line, for comparison with what the Java half prints.
%%
%% A suite is a module diff_NAME with scenarios/0, which lists its functions of arity 0. A scenario runs
%% in a process of its own and tells what it sees with diff:ev/1,2. Pids, ports and references are printed as p1, p2
%% and r1, r2 in the order in which they appear, so that they compare.
-module(diff).
-export([main/1, ev/1, ev/2, flush/0, flush/1, next/0, reason/1, error_of/1, await/1, ended/1]).

-define(LIMIT, 20000).
-define(QUIET, 60).

main(Suites) ->
    [run(Suite, Scenario) || Suite <- Suites, Scenario <- Suite:scenarios()],
    io:format("=== end~n"),
    halt(0).

%% Nothing is logged unless the scenario says so.
run(Suite, Scenario) ->
    logger:set_primary_config(level, none),
    "diff_" ++ Name = atom_to_list(Suite),
    io:format("=== ~s:~s~n", [Name, Scenario]),
    Collector = spawn_link(fun() -> collect(#{}) end),
    register(diff_collector, Collector),
    {Pid, Ref} = spawn_monitor(fun() -> Suite:Scenario() end),
    receive
        {'DOWN', Ref, process, Pid, normal} -> ok;
        {'DOWN', Ref, process, Pid, Why} -> io:format("SCENARIO FAILED ~0p~n", [Why])
    after 3 * ?LIMIT ->
        io:format("SCENARIO HANGS~n"),
        exit(Pid, kill)
    end,
    unlink(Collector),
    exit(Collector, kill),
    ended(Collector).

%% Prints a term; collected by one process, so that the numbers of pids are the same for all.
ev(Term) ->
    Ref = make_ref(),
    diff_collector ! {ev, self(), Ref, Term},
    receive Ref -> ok end.

ev(Label, Term) ->
    ev({line, Label, Term}).

collect(Names) ->
    receive
        {ev, From, Ref, {line, Label, Term}} ->
            {Text, Names1} = name(Term, Names),
            io:format("~s: ~0p~n", [Label, Text]),
            From ! Ref,
            collect(Names1);
        {ev, From, Ref, Term} ->
            {Text, Names1} = name(Term, Names),
            io:format("~0p~n", [Text]),
            From ! Ref,
            collect(Names1)
    end.

name(Pid, Names) when is_pid(Pid) -> named(Pid, "p", Names);
name(Port, Names) when is_port(Port) -> named(Port, "p", Names);
name(Ref, Names) when is_reference(Ref) -> named(Ref, "r", Names);
name([H | T], Names) ->
    {H1, Names1} = name(H, Names),
    {T1, Names2} = name(T, Names1),
    {[H1 | T1], Names2};
name(Tuple, Names) when is_tuple(Tuple) ->
    {List, Names1} = name(tuple_to_list(Tuple), Names),
    {list_to_tuple(List), Names1};
name(Term, Names) -> {Term, Names}.

named(Key, Prefix, Names) ->
    case Names of
        #{Key := Name} -> {Name, Names};
        #{} ->
            Number = maps:get(Prefix, Names, 0) + 1,
            Name = list_to_atom(Prefix ++ integer_to_list(Number)),
            {Name, Names#{Key => Name, Prefix => Number}}
    end.

%% What is in the mailbox, and comes until it is quiet; reasons made comparable.
flush() -> flush(?QUIET).

flush(Quiet) ->
    receive Message -> [comparable(Message) | flush(Quiet)] after Quiet -> [] end.

next() ->
    receive Message -> comparable(Message) after ?LIMIT -> exit(nothing_came) end.

comparable({'EXIT', From, Reason}) -> {'EXIT', From, reason(Reason)};
comparable({'DOWN', Ref, process, Object, Reason}) -> {'DOWN', Ref, process, object(Object), reason(Reason)};
comparable(Message) -> Message.

object({Name, _Node}) -> Name;
object(Pid) -> Pid.

%% A crash without what was thrown and where, which differ between languages.
reason({{nocatch, _}, [{_, _, _, _} | _]}) -> nocatch;
reason({_, [{_, _, _, _} | _]}) -> error;
reason({Reason, {gen_server, call, _}}) -> {call, Reason};
reason(Reason) -> Reason.

%% What an operation returns, or the error it raises.
error_of(F) ->
    try F() catch _:Reason -> reason(Reason) end.

%% Waits until F returns true.
await(F) -> await(F, ?LIMIT).

await(F, Left) ->
    case F() of
        true -> ok;
        false when Left > 0 -> timer:sleep(1), await(F, Left - 1)
    end.

%% Waits for the end of a process and returns its reason.
ended(Pid) ->
    Ref = monitor(process, Pid),
    receive {'DOWN', Ref, process, _, Reason} -> reason(Reason) after ?LIMIT -> exit(still_alive) end.
