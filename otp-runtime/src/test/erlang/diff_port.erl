%% Ports. The Java half is PortDifferentialTests.
-module(diff_port).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, flush/0, next/0, ended/1]).

scenarios() ->
    [port_errors, port_owner, port_echo, port_lines, port_packets, port_packet_too_long, port_partial_packet,
     port_arguments, port_environment, port_directory, port_stderr, port_status, port_no_status, port_signalled,
     port_eof, port_eof_and_status, port_close, port_close_message, port_bad_signals, port_connect,
     port_connect_message, port_links,
     port_exit, port_monitor, port_name, port_owner_dies, port_busy].

open(Program, Arguments, Options) ->
    process_flag(trap_exit, true),
    open_port({spawn_executable, Program}, [{args, Arguments}, binary | Options]).

cat(Options) -> open("/bin/cat", [], Options).
sh(Script, Options) -> open("/bin/sh", ["-c", Script], Options).

%% Texts as atoms, and all that a program wrote as one.
text({Port, {data, {Eol, Line}}}) -> {Port, Eol, binary_to_atom(Line)};
text({Port, {data, Data}}) -> {Port, data, binary_to_atom(Data)};
text({Port, {exit_status, N}}) -> {Port, exit_status, N};
text({'DOWN', Ref, port, Port, Reason}) -> {'DOWN', Ref, process, Port, Reason};
text(Message) -> Message.

see() -> ev(text(next())).
quiet() -> ev([text(M) || M <- flush()]).

error_of(F) -> try F() of _ -> ok catch _:Reason -> Reason end.

port_errors() ->
    ev(error_of(fun() -> open("/no/such/program", [], []) end)),
    ev(error_of(fun() -> open("/etc/passwd", [], []) end)),
    quiet().

port_owner() ->
    P = cat([]),
    ev(P),
    ev(erlang:port_info(P, connected) =:= {connected, self()}),
    ev(erlang:port_info(P, links) =:= {links, [self()]}).

port_echo() ->
    P = cat([]),
    port_command(P, <<"hello">>),
    see(),
    P ! {self(), {command, <<"again">>}},
    see().

port_lines() ->
    sh("printf 'ab\\n\\nabcdefgh\\nabcd\\nabcde\\nxy'", [{line, 4}]),
    [see() || _ <- lists:seq(1, 9)],
    quiet().

port_packets() ->
    [begin
         P = cat([{packet, N}]),
         port_command(P, <<"hello">>),
         port_command(P, <<>>),
         see(),
         see()
     end || N <- [1, 2, 4]],
    quiet().

port_packet_too_long() ->
    P = cat([{packet, 1}]),
    P ! {self(), {command, binary:copy(<<"x">>, 256)}},
    see().

port_partial_packet() ->
    sh("printf '\\000\\005abc'", [{packet, 2}]),
    see(),
    quiet().

port_arguments() ->
    open("/bin/sh", ["-c", "for a in \"$@\"; do echo \"<$a>\"; done", "sh", "a b", "$HOME", "*", "; exit"], [{line, 99}]),
    [see() || _ <- lists:seq(1, 5)].

port_environment() ->
    sh("echo $A-$HOME-", [{line, 99}, {env, [{"A", "b c"}, {"HOME", false}]}]),
    see(),
    see().

port_directory() ->
    open("/bin/pwd", [], [{line, 99}, {cd, "/usr"}]),
    see(),
    see().

port_stderr() ->
    sh("echo out; echo error >&2", [{line, 99}, stderr_to_stdout]),
    [see() || _ <- lists:seq(1, 3)].

port_status() ->
    sh("echo a; exit 3", [{line, 99}, exit_status]),
    [see() || _ <- lists:seq(1, 3)],
    quiet().

port_no_status() ->
    sh("echo a; exit 3", [{line, 99}]),
    [see() || _ <- lists:seq(1, 2)],
    quiet().

port_signalled() ->
    sh("kill -9 $$", [exit_status]),
    see().

port_eof() ->
    P = sh("printf a; exit 3", [{line, 99}, eof]),
    see(),
    see(),
    quiet(),
    ev(erlang:port_info(P, connected) =:= {connected, self()}).

port_eof_and_status() ->
    sh("exit 3", [exit_status, eof]),
    see(),
    see(),
    quiet().

port_close() ->
    P = cat([exit_status]),
    ev(port_close(P)),
    see(),
    quiet(),
    ev(erlang:port_info(P)).

%% Which of the two comes first differs.
port_close_message() ->
    P = cat([exit_status]),
    ev(P),
    P ! {self(), close},
    ev(lists:sort([text(next()), text(next())])).

port_bad_signals() ->
    P = cat([]),
    P ! garbage,
    see(),
    Self = self(),
    spawn(fun() -> P ! {self(), {command, <<"x">>}} end),
    see(),
    %% In the owner's name anybody may.
    spawn(fun() -> P ! {Self, {command, <<"y">>}} end),
    see(),
    spawn(fun() -> port_command(P, <<"z">>) end),
    see().

port_connect() ->
    P = cat([]),
    Self = self(),
    Next = spawn(fun() -> process_flag(trap_exit, true), Self ! {got, text(next())}, receive stop -> ok end end),
    ev(port_connect(P, Next)),
    port_command(P, <<"x">>),
    see(),
    ev(erlang:port_info(P, connected) =:= {connected, Next}),
    {links, Links} = erlang:port_info(P, links),
    ev(lists:sort(Links) =:= lists:sort([self(), Next])),
    Next ! stop,
    see().

%% The message does not link the new owner there.
port_connect_message() ->
    P = cat([]),
    Self = self(),
    Next = spawn(fun() -> Self ! {got, text(next())}, receive stop -> ok end end),
    P ! {self(), {connect, Next}},
    see(),
    port_command(P, <<"x">>),
    see(),
    ev(erlang:port_info(P, connected) =:= {connected, Next}).

port_links() ->
    P = cat([]),
    ended(spawn(fun() -> link(P) end)),
    quiet(),
    spawn(fun() -> link(P), exit(bye) end),
    see().

port_exit() ->
    P = cat([]),
    spawn(fun() -> exit(P, bye) end),
    see(),
    Q = cat([]),
    exit(Q, normal),
    see().

port_monitor() ->
    P = cat([]),
    unlink(P),
    Ref = monitor(port, P),
    ev({Ref, P}),
    port_close(P),
    see().

port_name() ->
    P = cat([]),
    register(copier, P),
    copier ! {self(), {command, <<"x">>}},
    see(),
    port_close(P),
    ev(whereis(copier)).

port_owner_dies() ->
    Self = self(),
    Owner = spawn(fun() ->
                          process_flag(trap_exit, false),
                          P = open_port({spawn_executable, "/bin/cat"}, [binary]),
                          Self ! P,
                          receive stop -> ok end
                  end),
    P = next(),
    ev(P),
    Ref = monitor(port, P),
    Owner ! stop,
    receive {'DOWN', Ref, port, P, Reason} -> ev(Reason) end.

port_busy() ->
    P = open("/bin/sleep", ["1000"], []),
    Big = binary:copy(<<"x">>, 1000000),
    ev(port_command(P, Big, [nosuspend])),
    ev(port_command(P, Big, [nosuspend])),
    ev(port_command(P, Big, [nosuspend])),
    {os_pid, OsPid} = erlang:port_info(P, os_pid),
    os:cmd("kill " ++ integer_to_list(OsPid)).
