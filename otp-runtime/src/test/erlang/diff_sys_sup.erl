%% The supervisor of diff_sys.
-module(diff_sys_sup).
-export([init/1]).

init(_) -> {ok, {#{}, []}}.
