%% Who reports which end. The Java half is ReportDifferentialTests.
-module(diff_report).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/2, ended/1]).

scenarios() ->
    [report_server_ends, report_server_fails_in_init, report_raw_process_ends, report_behaviour_ends,
     report_unknown_message].

%% --- the handler, and what it was told while F's process ended

log(#{msg := {report, #{label := {Who, What}}}, level := Level}, #{config := #{to := To}}) ->
    To ! {told, {Who, What, Level}};
log(#{meta := #{error_logger := #{emulator := true}}, level := Level}, #{config := #{to := To}}) ->
    To ! {told, {emulator, Level, Level}}.

told_at_end_of(F) ->
    ok = logger:remove_handler(default),
    ok = logger:add_handler(?MODULE, ?MODULE, #{config => #{to => self()}}),
    logger:set_primary_config(level, notice),
    case F() of
        Pid when is_pid(Pid) -> ended(Pid);
        _ -> ok
    end,
    Told = told(),
    logger:set_primary_config(level, none),
    ok = logger:remove_handler(?MODULE),
    ok = logger:add_handler(default, logger_std_h, #{}),
    Told.

told() ->
    receive {told, Report} -> [Report | told()] after 100 -> [] end.

%% --- a server

init({stop, Reason}) -> {stop, Reason};
init(crash) -> error(bad);
init(ok) -> {ok, state}.

handle_call(_, _, State) -> {reply, ok, State}.

handle_cast({stop, Reason}, State) -> {stop, Reason, State};
handle_cast(crash, _State) -> error(bad);
handle_cast(ball, _State) -> exit(boom).

server() ->
    {ok, Pid} = gen_server:start(?MODULE, ok, []),
    Pid.

report_server_ends() ->
    [ev(Name, told_at_end_of(fun() ->
        Pid = server(),
        gen_server:cast(Pid, Message),
        Pid
     end)) || {Name, Message} <- [{normal, {stop, normal}}, {shutdown, {stop, shutdown}},
                                  {shutdown_x, {stop, {shutdown, x}}}, {boom, {stop, boom}},
                                  {crash, crash}, {exits, ball}]],
    [ev(Name, told_at_end_of(fun() ->
        Pid = server(),
        exit(Pid, Signal),
        Pid
     end)) || {Name, Signal} <- [{kill_signal, kill}, {boom_signal, boom}]].

report_server_fails_in_init() ->
    [ev(Name, told_at_end_of(fun() -> gen_server:start(?MODULE, Arg, []) end))
     || {Name, Arg} <- [{normal, {stop, normal}}, {shutdown, {stop, shutdown}}, {boom, {stop, boom}},
                        {crash, crash}]].

report_raw_process_ends() ->
    [ev(Name, told_at_end_of(fun() -> spawn(F) end))
     || {Name, F} <- [{returns, fun() -> ok end}, {exits, fun() -> exit(boom) end},
                      {crashes, fun() -> error(bad) end}, {throws, fun() -> throw(ball) end},
                      {kills_itself, fun() -> exit(self(), kill) end}]].

report_behaviour_ends() ->
    [ev(Name, told_at_end_of(fun() -> proc_lib:spawn(fun() -> exit(Reason) end) end))
     || {Name, Reason} <- [{normal, normal}, {shutdown, shutdown}, {shutdown_x, {shutdown, x}}, {boom, boom}]].

report_unknown_message() ->
    ev(told, told_at_end_of(fun() ->
        Pid = server(),
        Pid ! unknown,
        gen_server:call(Pid, hello),
        none
     end)).
