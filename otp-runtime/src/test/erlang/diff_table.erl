%% Tables. The Java half is TableDifferentialTests.
-module(diff_table).
-compile([export_all, nowarn_export_all]).
-import(diff, [ev/1, next/0, error_of/1, ended/1]).

scenarios() ->
    [table_types, table_keys, table_order, table_access, table_heir, table_heir_dead, table_ends_with_owner,
     table_give_away, table_named, table_gone, table_insert_list, table_insert_new, table_counter,
     table_elements, table_select, table_pages, table_replace, table_next, table_fixed, table_fix_counted].

table_types() ->
    [begin
         T = ets:new(t, [Type]),
         [ets:insert(T, {k, V}) || V <- [2, 1, 2, 3]],
         ev({Type, [V || {_, V} <- ets:lookup(T, k)], ets:info(T, size)}),
         ets:delete_object(T, {k, 3}),
         ev([V || {_, V} <- ets:lookup(T, k)])
     end || Type <- [set, ordered_set, bag, duplicate_bag]].

table_keys() ->
    [begin
         T = ets:new(t, [Type]),
         ets:insert(T, {1, int}),
         ets:insert(T, {1.0, float}),
         ev([V || {_, V} <- ets:lookup(T, 1)]),
         ev([V || {_, V} <- ets:lookup(T, 1.0)]),
         ev(ets:info(T, size))
     end || Type <- [set, ordered_set, bag, duplicate_bag]].

table_order() ->
    T = ets:new(t, [ordered_set]),
    Keys = [{<<"b">>, binary_b}, {<<"a">>, binary_a}, {[1, 1], list_1_1}, {[2], list_2}, {[], list}, {#{}, map},
            {#{1 => 1}, map_1}, {{one, 9}, tuple_2}, {{pair, 1, 2}, tuple_3}, {self(), pid}, {make_ref(), ref},
            {true, atom}, {2.5, float}, {2, int}, {-1, negative}, {1 bsl 70, big}],
    [ets:insert(T, K) || K <- Keys],
    ev([V || {_, V} <- ets:tab2list(T)]).

table_access() ->
    Tables = [ets:new(t, [Access]) || Access <- [public, protected, private]],
    [ets:insert(T, {a, 1}) || T <- Tables],
    Me = self(),
    [begin
         spawn(fun() ->
             Me ! [error_of(fun() -> ets:insert(T, {b, 2}), ok end), error_of(fun() -> ets:lookup(T, a), ok end),
                   error_of(fun() -> ets:first(T), ok end), error_of(fun() -> ets:delete_all_objects(T), ok end),
                   error_of(fun() -> ets:give_away(T, Me, x), ok end), ets:info(T, type)]
         end),
         ev(next())
     end || T <- Tables].

owner(Options) ->
    Me = self(),
    P = spawn(fun() -> T = ets:new(t, Options), ets:insert(T, {a, 1}), Me ! {table, T}, receive stop -> ok end end),
    receive {table, T} -> {P, T} end.

table_heir() ->
    {P, T} = owner([protected, {heir, self(), data}]),
    monitor(process, P),
    P ! stop,
    receive {'ETS-TRANSFER', Tab, From, Data} -> ev({transfer, Tab =:= T, From =:= P, Data}) end,
    ev(element(1, next())),
    ets:insert(T, {b, 2}),
    ev({ets:info(T, owner) =:= self(), ets:info(T, size)}).

table_heir_dead() ->
    Dead = spawn(fun() -> ok end),
    ended(Dead),
    {P, T} = owner([public, {heir, Dead, data}]),
    P ! stop,
    ended(P),
    ev(error_of(fun() -> ets:lookup(T, a) end)),
    ev(diff:flush()).

table_ends_with_owner() ->
    {P, T} = owner([public, named_table]),
    ev(ets:whereis(t) =/= undefined),
    exit(P, kill),
    ended(P),
    ev(error_of(fun() -> ets:lookup(T, a) end)),
    ev(ets:whereis(t)).

table_give_away() ->
    T = ets:new(t, [protected]),
    Me = self(),
    ev(error_of(fun() -> ets:give_away(T, Me, x) end)),
    Dead = spawn(fun() -> ok end),
    ended(Dead),
    ev(error_of(fun() -> ets:give_away(T, Dead, x) end)),
    P = spawn(fun() ->
        receive {'ETS-TRANSFER', Tab, From, Data} ->
            ets:insert(Tab, {a, 1}),
            Me ! {got, Tab =:= T, From =:= Me, Data},
            receive stop -> ok end
        end
    end),
    ev(ets:give_away(T, P, gift)),
    ev(error_of(fun() -> ets:insert(T, {b, 2}) end)),
    ev(next()),
    ev([V || {_, V} <- ets:lookup(T, a)]),
    ev(error_of(fun() -> ets:delete(T) end)),
    P ! stop.

table_named() ->
    T = ets:new(users, [named_table]),
    ev(error_of(fun() -> ets:new(users, [named_table]) end)),
    ev(error_of(fun() -> ets:new(undefined, [named_table]) end)),
    ets:rename(T, people),
    ev([ets:whereis(users) =:= undefined, ets:whereis(people) =/= undefined]),
    ets:new(users, [named_table]),
    ev(error_of(fun() -> ets:rename(users, people) end)),
    ets:delete(people),
    ev(ets:whereis(people)).

table_gone() ->
    T = ets:new(t, []),
    ets:delete(T),
    ev([error_of(F) || F <- [fun() -> ets:lookup(T, a) end, fun() -> ets:insert(T, {a, 1}) end,
                             fun() -> ets:insert(T, []) end, fun() -> ets:first(T) end, fun() -> ets:delete(T) end,
                             fun() -> ets:tab2list(T) end, fun() -> ets:take(T, a) end]]),
    ev(ets:info(T)).

table_insert_list() ->
    T = ets:new(t, []),
    ev(error_of(fun() -> ets:insert(T, [{a, 1}, bad]) end)),
    ev(ets:info(T, size)),
    ets:insert(T, [{a, 1}, {a, 2}]),
    ev([V || {_, V} <- ets:lookup(T, a)]).

table_insert_new() ->
    T = ets:new(t, []),
    ev(ets:insert_new(T, [{a, 1}, {b, 1}])),
    ev(ets:insert_new(T, [{c, 1}, {b, 2}])),
    ev(ets:insert_new(T, {a, 2})),
    ev(ets:insert_new(T, [{d, 1}, {d, 2}])),
    ev(ets:insert_new(T, [])),
    ev(lists:sort([V || {_, V} <- ets:tab2list(T)])),
    B = ets:new(t, [bag]),
    ev([ets:insert_new(B, {k, 1}), ets:insert_new(B, {k, 2}), ets:info(B, size)]).

table_counter() ->
    T = ets:new(t, []),
    ets:insert(T, {a, 8}),
    ev(ets:update_counter(T, a, {2, 10, 17, 0})),
    ev(ets:update_counter(T, a, [{2, 1}, {2, 1}, {2, -5, -2, 7}])),
    ev(ets:update_counter(T, a, {2, 3, 10, 1})),
    ev(ets:update_counter(T, a, [])),
    ev(error_of(fun() -> ets:update_counter(T, zz, 1) end)),
    ev(ets:update_counter(T, zz, 1, {zz, 10})),
    B = ets:new(t, [bag]),
    ev(error_of(fun() -> ets:update_counter(B, a, 1) end)).

table_elements() ->
    T = ets:new(t, []),
    ets:insert(T, {a, 1}),
    ev(ets:lookup_element(T, a, 2)),
    ev(error_of(fun() -> ets:lookup_element(T, zz, 2) end)),
    ev(ets:update_element(T, a, {2, 5})),
    ev(ets:update_element(T, zz, {2, 5})),
    ev([V || {_, V} <- ets:take(T, a)]),
    ev([V || {_, V} <- ets:take(T, a)]),
    ev(ets:member(T, a)),
    D = ets:new(t, [duplicate_bag]),
    [ets:insert(D, {k, V}) || V <- [1, 2, 1, 3]],
    ets:delete_object(D, {k, 1}),
    ev([V || {_, V} <- ets:lookup(D, k)]).

table_select() ->
    T = ets:new(t, [ordered_set]),
    [ets:insert(T, {N, N - 5}) || N <- lists:seq(1, 9)],
    ev(ets:select(T, [{{'$1', '$2'}, [{'>', {'div', 6, '$2'}, 1}], ['$1']}])),
    ev(ets:select(T, [{{3, '$2'}, [], ['$2']}])),
    ev(ets:select_count(T, [{{'_', '$2'}, [{'<', '$2', 0}], [true]}])),
    ev(ets:select_delete(T, [{{'_', '$2'}, [{'<', '$2', 0}], [true]}])),
    ev(ets:foldl(fun({K, _}, A) -> K + A end, 0, T)),
    ev([K || {K, _} <- ets:tab2list(T)]).

table_pages() ->
    T = ets:new(t, [ordered_set]),
    ev(ets:select(T, [{'_', [], ['$_']}], 2)),
    [ets:insert(T, {N, N}) || N <- lists:seq(1, 5)],
    {L1, C1} = ets:select(T, [{{'$1', '_'}, [], ['$1']}], 2),
    ev(L1),
    {L2, C2} = ets:select(C1),
    ev(L2),
    {L3, C3} = ets:select(C2),
    ev(L3),
    ev(ets:select(C3)).

table_replace() ->
    T = ets:new(t, [ordered_set]),
    [ets:insert(T, {N, N}) || N <- lists:seq(1, 5)],
    ev(ets:select_replace(T, [{{'$1', '$2'}, [{'>', '$2', 3}], [{{'$1', {'+', '$2', 10}}}]}])),
    ev([V || {_, V} <- ets:tab2list(T)]),
    B = ets:new(t, [bag]),
    ev(error_of(fun() -> ets:select_replace(B, [{'$1', [], ['$1']}]) end)).

table_next() ->
    O = ets:new(t, [ordered_set]),
    ev([ets:first(O), ets:last(O)]),
    [ets:insert(O, {N, x}) || N <- [1, 3]],
    ev([ets:next(O, 2), ets:prev(O, 2), ets:next(O, 3), ets:prev(O, 1), ets:first(O), ets:last(O)]),
    S = ets:new(t, [set]),
    ets:insert(S, {1, x}),
    ev(error_of(fun() -> ets:next(S, 2) end)),
    ev(error_of(fun() -> ets:prev(S, 2) end)),
    ev([ets:next(S, 1), ets:prev(S, 1)]).

walk(_, '$end_of_table', Seen) -> Seen;
walk(T, Key, Seen) -> ets:delete(T, Key), walk(T, ets:next(T, Key), [Key | Seen]).

table_fixed() ->
    T = ets:new(t, [set]),
    [ets:insert(T, {N, N}) || N <- lists:seq(1, 1000)],
    ets:safe_fixtable(T, true),
    Seen = walk(T, ets:first(T), []),
    ev([length(Seen), length(lists:usort(Seen)), ets:info(T, size)]),
    ev(error_of(fun() -> ets:next(T, never_there) end)),
    ets:safe_fixtable(T, false),
    ev(error_of(fun() -> ets:next(T, 1) end)).

table_fix_counted() ->
    T = ets:new(t, [public]),
    ets:safe_fixtable(T, true),
    ets:safe_fixtable(T, true),
    ets:safe_fixtable(T, false),
    ev(ets:info(T, fixed)),
    ets:safe_fixtable(T, false),
    ev(ets:info(T, fixed)),
    Me = self(),
    P = spawn(fun() -> ets:safe_fixtable(T, true), Me ! fixed, receive stop -> ok end end),
    ev(next()),
    ev(ets:info(T, fixed)),
    P ! stop,
    ended(P),
    ev(ets:info(T, fixed)).
