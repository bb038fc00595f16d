%% The other callback module of diff_statem: no suite.
-module(diff_statem_other).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1]).

callback_mode() -> [handle_event_function, state_enter].

handle_event(enter, Old, S, _) -> ev({other_enter, Old, S}), keep_state_and_data;
handle_event(_, {do, F}, S, D) -> F(S, D);
handle_event(_, X, S, _) -> ev({other, X, S}), keep_state_and_data.

terminate(R, S, _) -> ev({other_terminate, R, S}).
