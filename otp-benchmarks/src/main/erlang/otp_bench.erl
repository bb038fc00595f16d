%% The Erlang side of the benchmark suite: one workload per OS process.
%%
%%   erl -noshell -pa ebin +P 4000000 -run otp_bench main call1 20000 1500 400 3
%%
%% The arguments are the workload, the operations of one run, the milliseconds of warm-up, the least
%% milliseconds of one repetition, and the number of repetitions. Workloads and sizes are those of
%% Workload.java, the measuring is that of Timing.java, and the answer is one line for the driver:
%%
%%   RESULT call1 1021.3 1019.0 1030.1
%%
%% A run builds its processes first, and only then starts the clock. It happens in a process of its
%% own, so that what it leaves on its heap is gone when the next one begins.
-module(otp_bench).
-behaviour(gen_server).

-export([main/1]).
-export([start_reporting/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-define(RING, 10000).
-define(QUEUED, 100000).
-define(RESTARTS_PER_SUPERVISOR, 100).

main([Workload, Operations, WarmUp, Repetition, Repetitions]) ->
    %% What a crash costs without anybody reading reports: the peers do not log either.
    logger:set_primary_config(level, none),
    N = list_to_integer(Operations),
    Values = case Workload of
        "idle" -> [idle_bytes(N)];
        _      -> measure(run(Workload, N), N, list_to_integer(WarmUp),
                          list_to_integer(Repetition), list_to_integer(Repetitions))
    end,
    io:format("RESULT ~s~s~n", [Workload, [io_lib:format(" ~.3f", [float(V)]) || V <- Values]]),
    halt(0).

%% ---- measuring --------------------------------------------------------------------------------

measure(Run, N, WarmUp, Repetition, Repetitions) ->
    warm_up(Run, erlang:monotonic_time(millisecond) + WarmUp),
    [repeat(Run, N, Repetition * 1000000, 0, 0) || _ <- lists:seq(1, Repetitions)].

warm_up(Run, Until) ->
    in_fresh_process(Run),
    case erlang:monotonic_time(millisecond) < Until of
        true  -> warm_up(Run, Until);
        false -> ok
    end.

%% Nanoseconds per operation over as many runs as it takes to fill the repetition.
repeat(_, N, Least, Spent, Runs) when Spent >= Least, Runs > 0 -> Spent / (N * Runs);
repeat(Run, N, Least, Spent, Runs) -> repeat(Run, N, Least, Spent + in_fresh_process(Run), Runs + 1).

in_fresh_process(Run) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({took, Run()}) end),
    receive {'DOWN', Monitor, process, Pid, {took, Nanos}} -> Nanos end.

clock(Fun) ->
    Start = erlang:monotonic_time(nanosecond),
    Fun(),
    erlang:monotonic_time(nanosecond) - Start.

%% ---- workloads --------------------------------------------------------------------------------

run("call1", N)        -> fun() -> callers(1, N) end;
run("call1000", N)     -> fun() -> callers(1000, N div 1000) end;
run("one1", N)         -> fun() -> one_way(1, N) end;
run("one8", N)         -> fun() -> one_way(8, N div 8) end;
run("pp1", N)          -> fun() -> ping_pong(1, N) end;
run("pp1000", N)       -> fun() -> ping_pong(1000, N div 1000) end;
run("spawn", N)        -> fun() -> spawn_and_exit(N) end;
run("ring", N)         -> fun() -> ring(?RING, N) end;
run("queued", N)       -> fun() -> queued(?QUEUED, N) end;
run("queued-empty", N) -> fun() -> queued(0, N) end;
run("restart", N)      -> fun() -> restarts(N, ?RESTARTS_PER_SUPERVISOR) end;
run("restart-long", N) -> fun() -> restarts(N, N) end;
run("restart-bare", N) -> fun() -> bare_restarts(N) end.

%% Callers, each with a gen_server of its own; gen_server:call/2 waits 5 s at most.
callers(Callers, Calls) ->
    Counter = counter(Callers),
    Pids = [begin
                Server = start_server(),
                spawn(fun() ->
                          receive go -> call(Calls, Server) end,
                          Counter ! done,
                          gen_server:stop(Server)
                      end)
            end || _ <- lists:seq(1, Callers)],
    go_and_await(Pids).

call(0, _) -> ok;
call(N, Server) -> N = gen_server:call(Server, N), call(N - 1, Server).

one_way(Senders, Messages) ->
    Counter = counter(Senders * Messages),
    go_and_await([spawn(fun() -> receive go -> send(Messages, Counter) end end)
                  || _ <- lists:seq(1, Senders)]).

send(0, _) -> ok;
send(N, To) -> To ! done, send(N - 1, To).

ping_pong(Pairs, RoundTrips) ->
    Counter = counter(Pairs),
    go_and_await([begin
                      Ponger = spawn(fun pong/0),
                      spawn(fun() ->
                                receive go -> ping(RoundTrips, Ponger) end,
                                Counter ! done
                            end)
                  end || _ <- lists:seq(1, Pairs)]).

ping(0, Ponger) -> Ponger ! stop;
ping(N, Ponger) ->
    Ponger ! {ping, self()},
    receive {pong, Ponger} -> ping(N - 1, Ponger) end.

pong() ->
    receive
        {ping, From} -> From ! {pong, self()}, pong();
        stop         -> ok
    end.

%% One process spawns, every child reports and exits.
spawn_and_exit(N) ->
    Counter = counter(N),
    go_and_await([spawn(fun() -> receive go -> spawn_children(N, Counter) end end)]).

spawn_children(0, _) -> ok;
spawn_children(N, Counter) -> spawn(fun() -> Counter ! done end), spawn_children(N - 1, Counter).

%% One token, passed on Hops times.
ring(Size, Hops) ->
    Main = self(),
    Last = spawn(fun() -> receive {next, First} -> ring_member(First, Main) end end),
    Members = lists:foldl(
        fun(_, [Next | _] = Ring) -> [spawn(fun() -> ring_member(Next, Main) end) | Ring] end,
        [Last], lists:seq(2, Size)),
    Last ! {next, hd(Members)},
    Nanos = clock(fun() -> hd(Members) ! {token, Hops}, await_finished() end),
    [Pid ! stop || Pid <- Members],
    Nanos.

ring_member(Next, Main) ->
    receive
        {token, 0} -> Main ! finished, ring_member(Next, Main);
        {token, N} -> Next ! {token, N - 1}, ring_member(Next, Main);
        stop       -> ok
    end.

%% Calls while other messages wait in the caller's mailbox.
queued(Messages, Calls) ->
    Server = start_server(),
    Main = self(),
    spawn(fun() ->
              [self() ! {queued, I} || I <- lists:seq(1, Messages)],
              Main ! {took, clock(fun() -> call(Calls, Server) end)}
          end),
    receive {took, Nanos} -> gen_server:stop(Server), Nanos end.

%% Restarts under `supervisor`. It keeps the time of every restart of the last period in a list which
%% it walks through at each restart. At this pace that list grows by the thousand, as no real one does,
%% and soon costs more than the restart itself; so "restart" takes a new supervisor every so often
%% and "restart-long" does not.
restarts(0, _) -> 0;
restarts(N, PerSupervisor) ->
    supervisor_restarts(PerSupervisor) + restarts(N - PerSupervisor, PerSupervisor).

supervisor_restarts(N) ->
    Main = self(),
    {Owner, Monitor} = spawn_monitor(fun() ->
        {ok, Supervisor} = otp_bench_sup:start_link(Main),
        receive stop -> unlink(Supervisor), gen_server:stop(Supervisor) end
    end),
    Nanos = crash_children(N),
    Owner ! stop,
    receive {'DOWN', Monitor, process, Owner, _} -> Nanos end.

%% Restarts by a loop that knows no strategy, no intensity and no child specification.
bare_restarts(N) ->
    Main = self(),
    Loop = spawn(fun() -> process_flag(trap_exit, true), restart_loop(Main) end),
    Nanos = crash_children(N),
    exit(Loop, kill),
    Nanos.

restart_loop(Main) ->
    {ok, Pid} = start_reporting(Main),
    receive {'EXIT', Pid, _} -> restart_loop(Main) end.

crash_children(N) ->
    receive {up, First} -> clock(fun() -> crash_children(N, First) end) end.

crash_children(0, _) -> ok;
crash_children(N, Child) ->
    gen_server:cast(Child, crash),
    receive {up, Next} -> crash_children(N - 1, Next) end.

%% Bytes of a gen_server that has had one message and waits for the next.
idle_bytes(N) ->
    Counter = counter(N),
    Before = memory_of_others(),
    Servers = start_servers(N, []),
    [gen_server:cast(Server, {touch, Counter}) || Server <- Servers],
    await_finished(),
    After = memory_of_others(),
    true = is_process_alive(hd(Servers)),
    (After - Before) / N.

memory_of_others() ->
    erlang:garbage_collect(),
    {memory, Own} = erlang:process_info(self(), memory),
    erlang:memory(processes) - Own.

start_servers(0, Servers) -> Servers;
start_servers(N, Servers) -> start_servers(N - 1, [start_server() | Servers]).

%% ---- what the workloads share -----------------------------------------------------------------

%% A process which tells its creator when it has got N messages.
counter(N) ->
    Main = self(),
    spawn(fun() -> count(N, Main) end).

count(0, Main) -> Main ! finished;
count(N, Main) -> receive done -> count(N - 1, Main) end.

go_and_await(Pids) ->
    clock(fun() -> [Pid ! go || Pid <- Pids], await_finished() end).

await_finished() -> receive finished -> ok end.

%% The gen_server: counts what it is asked.
start_server() ->
    {ok, Pid} = gen_server:start(?MODULE, [], []),
    Pid.

start_reporting(To) -> gen_server:start_link(?MODULE, {report, To}, []).

init({report, To}) -> To ! {up, self()}, {ok, 0};
init([]) -> {ok, 0}.

handle_call(Request, _From, Count) -> {reply, Request, Count + 1}.

handle_cast(crash, _) -> exit(crash);
handle_cast({touch, Counter}, Count) -> Counter ! done, {noreply, Count + 1}.
