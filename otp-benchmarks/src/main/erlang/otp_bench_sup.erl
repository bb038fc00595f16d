%% A supervisor with one permanent child, which may crash as often as it likes.
-module(otp_bench_sup).
-behaviour(supervisor).

-export([start_link/1]).
-export([init/1]).

start_link(ReportTo) -> supervisor:start_link(?MODULE, ReportTo).

init(ReportTo) ->
    {ok, {#{strategy => one_for_one, intensity => 100000000, period => 1},
          [#{id => child, start => {otp_bench, start_reporting, [ReportTo]}}]}}.
