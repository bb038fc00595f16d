%% The machine of diff_sys.
-module(diff_sys_machine).
-compile([export_all, nowarn_export_all]).

callback_mode() -> [handle_event_function, state_enter].
init(D) -> {ok, idle, D}.
handle_event(enter, _Old, busy, enters) -> {keep_state_and_data, [{state_timeout, infinity, x}, {{timeout, t}, 100000, tick}]};
handle_event(enter, _Old, _S, _D) -> keep_state_and_data;
handle_event({call, F}, {keep, _}, _S, _D) -> {keep_state_and_data, [{reply, F, kept}]};
handle_event({call, F}, {go, To}, _S, D) -> {next_state, To, D, [{reply, F, ok}]};
handle_event(cast, {go_cast, To}, _S, D) -> {next_state, To, D};
handle_event(cast, later, idle, _D) -> {keep_state_and_data, [postpone]};
handle_event(cast, {insert, X}, _S, _D) -> {keep_state_and_data, [{next_event, internal, X}]};
handle_event(cast, {timer, T, Time}, _S, _D) -> {keep_state_and_data, [{T, Time, fired}]};
handle_event(cast, {cancel, T}, _S, _D) -> {keep_state_and_data, [{T, cancel}]};
handle_event(cast, swap, _S, _D) -> {keep_state_and_data, [{change_callback_module, ?MODULE}]};
handle_event(cast, stop, _S, _D) -> stop;
handle_event(_, _, _, _) -> keep_state_and_data.
terminate(_, _, _) -> ok.
