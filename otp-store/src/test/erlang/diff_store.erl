%% Tables on disk and transactions. The Java half is StoreDifferentialTests.
-module(diff_store).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, next/0, error_of/1, ended/1, await/1]).

scenarios() ->
    [dets_types, dets_ordered_set, dets_keys, dets_users, dets_ends_with_user, dets_not_a_file, dets_operations,
     mnesia_results, mnesia_no_transaction, mnesia_nested, mnesia_own_writes, mnesia_increments, mnesia_killed,
     mnesia_counter, mnesia_events, mnesia_no_retry].

file() ->
    F = filename:join("/tmp", "diff_store_" ++ os:getpid() ++ ".dets"),
    file:delete(F),
    F.

open(File, Type) ->
    {ok, t} = dets:open_file(t, [{file, File}, {type, Type}]),
    t.

dets_types() ->
    [begin
         F = file(),
         T = open(F, Type),
         [dets:insert(T, {k, V}) || V <- [2, 1, 2, 3]],
         ev({Type, lists:sort([V || {_, V} <- dets:lookup(T, k)]), dets:info(T, size)}),
         dets:close(T),
         open(F, Type),
         dets:delete_object(T, {k, 3}),
         ev(lists:sort([V || {_, V} <- dets:lookup(T, k)])),
         dets:close(T),
         file:delete(F)
     end || Type <- [set, bag, duplicate_bag]].

dets_ordered_set() ->
    ev(error_of(fun() -> dets:open_file(t, [{file, file()}, {type, ordered_set}]) end)).

dets_keys() ->
    F = file(),
    T = open(F, set),
    dets:insert(T, {1, int}),
    dets:insert(T, {1.0, float}),
    ev([[V || {_, V} <- dets:lookup(T, K)] || K <- [1, 1.0]]),
    dets:close(T),
    file:delete(F).

dets_users() ->
    F = file(),
    T = open(F, set),
    open(F, set),
    dets:insert(T, {a, 1}),
    Me = self(),
    P = spawn(fun() -> open(F, set), Me ! opened, receive close -> dets:close(t), Me ! closed end, receive stop -> ok end end),
    ev(next()),
    dets:close(T),
    dets:close(T),
    ev([V || {_, V} <- dets:lookup(T, a)]),
    P ! close,
    ev(next()),
    ev(error_of(fun() -> dets:lookup(T, a) end)),
    open(F, set),
    ev([V || {_, V} <- dets:lookup(T, a)]),
    dets:close(T),
    P ! stop,
    file:delete(F).

dets_ends_with_user() ->
    F = file(),
    Me = self(),
    P = spawn(fun() -> dets:insert(open(F, set), {a, 1}), Me ! done, receive stop -> ok end end),
    ev(next()),
    exit(P, kill),
    ended(P),
    await(fun() -> dets:info(t) =:= undefined end),
    {ok, t} = dets:open_file(t, [{file, F}, {repair, false}]),
    ev([V || {_, V} <- dets:lookup(t, a)]),
    dets:close(t),
    file:delete(F).

dets_not_a_file() ->
    F = file(),
    Text = list_to_binary(lists:duplicate(500, "dear diary\n")),
    ok = file:write_file(F, Text),
    {error, {Why, F}} = dets:open_file(t, [{file, F}]),
    ev(Why),
    ev({ok, Text} =:= file:read_file(F)),
    file:delete(F).

dets_operations() ->
    F = file(),
    T = open(F, set),
    ev([dets:insert_new(T, {a, 1}), dets:insert_new(T, {a, 2}), dets:member(T, a), dets:member(T, b)]),
    ev(dets:update_counter(T, a, {2, 5})),
    ev(error_of(fun() -> dets:update_counter(T, zz, {2, 5}) end)),
    dets:delete_all_objects(T),
    [dets:insert(T, {N, N - 5}) || N <- lists:seq(1, 9)],
    ev(lists:sort(dets:select(T, [{{'$1', '$2'}, [{'>', {'div', 6, '$2'}, 1}], ['$1']}]))),
    ev(dets:foldl(fun({K, _}, Sum) -> Sum + K end, 0, T)),
    ev(dets:select_delete(T, [{{'_', '$1'}, [{'<', '$1', 0}], [true]}])),
    ev(dets:info(T, size)),
    dets:close(T),
    file:delete(F).

%% --- mnesia

mnesia(Options) ->
    application:set_env(mnesia, dir, "/tmp/diff_store_" ++ os:getpid() ++ ".mnesia"),
    ok = mnesia:start(),
    mnesia:delete_table(t),
    {atomic, ok} = mnesia:create_table(t, Options).

mnesia() -> mnesia([]).

write(K, V) -> mnesia:write({t, K, V}).

read(K) -> [V || {_, _, V} <- mnesia:read(t, K)].

dirty(K) -> [V || {_, _, V} <- mnesia:dirty_read(t, K)].

aborted({aborted, {Reason, [_ | _]}}) -> {aborted, diff:reason({Reason, [{m, f, 0, []}]})};
aborted(Other) -> Other.

mnesia_results() ->
    mnesia(),
    ev(mnesia:transaction(fun() -> write(x, 1), value end)),
    ev(mnesia:transaction(fun() -> write(x, 2), mnesia:abort(why) end)),
    ev(aborted(mnesia:transaction(fun() -> write(x, 2), error(broken) end))),
    ev(mnesia:transaction(fun() -> write(x, 2), exit(shutdown) end)),
    ev(dirty(x)),
    ev(error_of(fun() -> mnesia:activity(transaction, fun() -> mnesia:abort(why) end) end)).

mnesia_no_transaction() ->
    mnesia(),
    ev(error_of(fun() -> mnesia:read(t, x) end)).

mnesia_nested() ->
    mnesia(),
    ev(mnesia:transaction(fun() ->
        write(a, 1),
        Inner = mnesia:transaction(fun() -> write(a, 2), write(b, 2), mnesia:abort(inner) end),
        Second = mnesia:transaction(fun() -> write(c, 3) end),
        {Inner, element(1, Second), read(a), read(b), read(c), dirty(c)}
    end)),
    ev([dirty(K) || K <- [a, b, c]]),
    ev(mnesia:transaction(fun() -> mnesia:transaction(fun() -> write(d, 4) end), mnesia:abort(outer) end)),
    ev(dirty(d)).

mnesia_own_writes() ->
    mnesia([{type, bag}]),
    {atomic, ok} = mnesia:transaction(fun() -> write(k, 1) end),
    ev(mnesia:transaction(fun() ->
        write(k, 2),
        write(k, 1),
        One = lists:sort(read(k)),
        mnesia:delete_object({t, k, 1}),
        Two = read(k),
        write(new, 5),
        Keys = lists:sort(mnesia:all_keys(t)),
        Big = mnesia:select(t, [{{t, '$1', '$2'}, [{'>', '$2', 4}], ['$1']}]),
        mnesia:delete({t, k}),
        [One, Two, Keys, Big, read(k), mnesia:foldl(fun({_, _, V}, Sum) -> V + Sum end, 0, t)]
    end)).

mnesia_increments() ->
    mnesia(),
    mnesia:dirty_write({t, n, 0}),
    Ps = [spawn(fun() -> {atomic, ok} = mnesia:transaction(fun() -> [N] = read(n), write(n, N + 1) end) end)
          || _ <- lists:seq(1, 10)],
    await(fun() -> dirty(n) =:= [10] end),
    [ended(P) || P <- Ps],
    ev({n, hd(dirty(n))}).

mnesia_killed() ->
    mnesia(),
    Me = self(),
    P = spawn(fun() -> mnesia:transaction(fun() -> write(x, 1), Me ! written, receive never -> ok end end) end),
    ev(next()),
    exit(P, kill),
    ended(P),
    ev(mnesia:transaction(fun() -> read(x) end)).

mnesia_counter() ->
    mnesia(),
    mnesia:dirty_write({t, x, 5}),
    ev([mnesia:dirty_update_counter(t, x, 3), mnesia:dirty_update_counter(t, x, -10), mnesia:dirty_update_counter(t, new, 7)]),
    ev(dirty(x)).

events() ->
    receive
        {mnesia_table_event, {write, {t, K, V}, _}} -> [{write, K, V} | events()];
        {mnesia_table_event, {delete_object, {t, K, V}, _}} -> [{delete_object, K, V} | events()];
        {mnesia_table_event, {delete, {t, K}, _}} -> [{delete, K} | events()];
        {mnesia_table_event, {write, t, {t, K, V}, Old, _}} -> [{write, K, V, [O || {_, _, O} <- Old]} | events()];
        {mnesia_table_event, {delete, t, {t, K}, Old, _}} -> [{delete, K, [O || {_, _, O} <- Old]} | events()]
    after 200 -> []
    end.

mnesia_events() ->
    mnesia(),
    mnesia:subscribe({table, t, simple}),
    mnesia:transaction(fun() -> write(x, 1), mnesia:abort(no) end),
    ev(events()),
    mnesia:transaction(fun() -> write(x, 1) end),
    mnesia:transaction(fun() -> mnesia:delete_object({t, x, 1}) end),
    mnesia:transaction(fun() -> write(x, 1), write(x, 2) end),
    mnesia:transaction(fun() -> mnesia:delete({t, x}) end),
    mnesia:transaction(fun() -> mnesia:delete({t, never}) end),
    mnesia:transaction(fun() -> write(x, 1), mnesia:delete({t, x}) end),
    ev(events()),
    mnesia:unsubscribe({table, t, simple}),
    mnesia:dirty_write({t, x, 2}),
    mnesia:subscribe({table, t, detailed}),
    mnesia:transaction(fun() -> write(x, 3) end),
    mnesia:transaction(fun() -> mnesia:delete({t, x}) end),
    ev(events()),
    mnesia:unsubscribe({table, t, detailed}),
    mnesia:dirty_write({t, x, 4}),
    ev(events()).

mnesia_no_retry() ->
    mnesia(),
    Me = self(),
    P = spawn(fun() -> mnesia:transaction(fun() -> write(x, 1), Me ! locked, receive go -> ok end end) end),
    ev(next()),
    ev(mnesia:transaction(fun() -> write(x, 2) end, [], 0)),
    P ! go,
    ended(P).
