%% What lies between two nodes of Erlang/OTP: the rows of the program `remote`. Both nodes end with their input.
-module(remote).
-behaviour(gen_server).
-export([far/0, near/0]).
-export([init/1, handle_call/3, handle_cast/2]).

%% The far node says when it serves.
far() ->
    {ok, _} = gen_server:start({local, counter}, ?MODULE, 0, []),
    io:format("ready~n"),
    end_with_input().

%% The near node says how long the measured part took, in nanoseconds.
near() ->
    [Far, Work, Size, Callers, Count] = init:get_plain_arguments(),
    spawn(fun end_with_input/0),
    Counter = {counter, list_to_atom(Far)},
    Bytes = binary:copy(<<16#5a>>, list_to_integer(Size)),
    {Pid, Ref} = spawn_monitor(fun() ->
        Arguments = {Counter, Bytes, list_to_integer(Callers)},
        exit({took, measured(list_to_atom(Work), Arguments, list_to_integer(Count))})
    end),
    receive
        {'DOWN', Ref, process, Pid, {took, Took}} ->
            io:format("~w~n", [Took]),
            halt(0, [{flush, true}]);
        {'DOWN', Ref, process, Pid, Reason} ->
            io:format(standard_error, "~0p~n", [Reason]),
            halt(1)
    end.

end_with_input() ->
    case io:get_line("") of
        eof -> halt(0);
        {error, _} -> halt(0);
        _ -> end_with_input()
    end.

init(Handled) -> {ok, Handled}.

handle_call({echo, Bytes}, _, Handled) -> {reply, Bytes, Handled};
handle_call(handled, _, Handled) -> {reply, Handled, Handled}.

handle_cast({take, _}, Handled) -> {noreply, Handled + 1}.

call(Counter, Request) -> gen_server:call(Counter, Request, infinity).

measured(connect, Arguments, Count) ->
    connect(Count, Arguments, 0);
measured(Work, {Counter, Bytes, Callers}, Count) ->
    %% The pid, so that nothing is looked up on the way.
    Pid = erpc:call(element(2, Counter), erlang, whereis, [counter]),
    Arguments = {Pid, Bytes, Callers},
    work(Work, Arguments, max(Count div 8, 8)),
    timed(fun() -> work(Work, Arguments, Count) end).

timed(Work) ->
    Began = erlang:monotonic_time(nanosecond),
    Work(),
    erlang:monotonic_time(nanosecond) - Began.

work(echo, {Counter, Bytes, 1}, Count) ->
    echo(Count, Counter, Bytes);
work(echo, {Counter, Bytes, Callers}, Count) ->
    Each = (Count + Callers - 1) div Callers,
    Refs = [
        element(2, spawn_monitor(fun() -> echo(Each, Counter, Bytes) end))
     || _ <- lists:seq(1, Callers)
    ],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || Ref <- Refs],
    ok;
work(cast, {Counter, Bytes, _}, Count) ->
    Before = call(Counter, handled),
    cast(Count, Counter, Bytes),
    %% One sender: the call comes after all of its casts.
    Count = call(Counter, handled) - Before,
    ok.

echo(0, _, _) -> ok;
echo(Count, Counter, Bytes) ->
    Bytes = call(Counter, {echo, Bytes}),
    echo(Count - 1, Counter, Bytes).

cast(0, _, _) -> ok;
cast(Count, Counter, Bytes) ->
    gen_server:cast(Counter, {take, Bytes}),
    cast(Count - 1, Counter, Bytes).

connect(0, _, Took) -> Took;
connect(Count, {{_, Far} = Counter, Bytes, _} = Arguments, Took) ->
    One = timed(fun() ->
        true = net_kernel:connect_node(Far),
        Bytes = call(Counter, {echo, Bytes})
    end),
    true = monitor_node(Far, true),
    true = disconnect_node(Far),
    receive {nodedown, Far} -> ok end,
    connect(Count - 1, Arguments, Took + One).
