%% The workloads in Erlang/OTP: gen_servers, as the rows of ambit. Prints how long the measured part took, in
%% nanoseconds, and then the figures of the row.
-module(bench).
-behaviour(gen_server).
-export([main/0]).
-export([init/1, handle_call/3, handle_cast/2]).
-export([start_mortal/0]).

main() ->
    logger:set_primary_config(level, none),
    [Function, Count] = init:get_plain_arguments(),
    {Took, Figures} = run(list_to_atom(Function), list_to_integer(Count)),
    io:format("~w", [Took]),
    [io:format(" ~w", [Figure]) || Figure <- Figures],
    io:nl(),
    halt(0, [{flush, true}]).

init({supervisor, Child}) ->
    {ok, {#{strategy => one_for_one, intensity => 1000000, period => 1}, [Child]}};
init(State) ->
    {ok, State}.

handle_call(get, _, State) -> {reply, count(State), State};
handle_call({echo, Bytes}, _, State) -> {reply, Bytes, State};
handle_call(crash, _, _) -> error(as_asked).

handle_cast({add, By}, Value) -> {noreply, Value + By};
handle_cast({join, Next}, {node, Done, _}) -> {noreply, {node, Done, Next}};
handle_cast({token, 0}, {node, Done, _} = State) -> Done ! done, {noreply, State};
handle_cast({token, Hops}, {node, _, Next} = State) -> gen_server:cast(Next, {token, Hops - 1}), {noreply, State};
handle_cast(news, {listener, Main, Left} = State) ->
    case atomics:sub_get(Left, 1, 1) of
        0 -> Main ! heard;
        _ -> ok
    end,
    {noreply, State}.

count(State) when is_integer(State) -> State;
count(_) -> 0.

start(State) ->
    {ok, Pid} = gen_server:start(?MODULE, State, []),
    Pid.

ask(Server) -> gen_server:call(Server, get).

timed(Work) ->
    Began = erlang:monotonic_time(nanosecond),
    Work(),
    erlang:monotonic_time(nanosecond) - Began.

per(Work, Count) ->
    Took = timed(Work),
    {Took, [Took / Count]}.

times(0, _) -> ok;
times(Count, Work) -> Work(), times(Count - 1, Work).

%% Runs the work in so many processes and waits for all.
together(Works) ->
    Refs = [element(2, spawn_monitor(Work)) || Work <- Works],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || Ref <- Refs],
    ok.

%% The workload runs in a process with a heap of its own, not in the one that started the runtime.
run(Function, Count) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({result, work(Function, Count)}) end),
    receive
        {'DOWN', Ref, process, Pid, {result, Result}} -> Result;
        {'DOWN', Ref, process, Pid, Reason} ->
            io:format(standard_error, "~p~n", [Reason]),
            halt(1)
    end.

work(call, Count) ->
    Server = start(0),
    per(fun() -> times(Count, fun() -> ask(Server) end) end, Count);
work(call_many_to_one, Count) ->
    Server = start(0),
    many_callers([Server || _ <- lists:seq(1, 64)], Count);
work(call_many_to_many, Count) ->
    many_callers([start(0) || _ <- lists:seq(1, 64)], Count);
work(cast, Count) ->
    Server = start(0),
    per(fun() -> casts(Server, Count), handled(Server, Count) end, Count);
work(cast_many, Count) ->
    Server = start(0),
    Each = (Count + 3) div 4,
    per(fun() ->
        together([fun() -> casts(Server, Each) end || _ <- lists:seq(1, 4)]),
        handled(Server, Each * 4)
    end, Each * 4);
work(echo_1_kib, Count) -> echo(Count, 1 bsl 10);
work(echo_64_kib, Count) -> echo(Count, 1 bsl 16);
work(ring, Count) ->
    Nodes = [First | Rest] = [start({node, self(), none}) || _ <- lists:seq(1, 1000)],
    [gen_server:cast(Node, {join, Next}) || {Node, Next} <- lists:zip(Nodes, Rest ++ [First])],
    per(fun() -> gen_server:cast(First, {token, Count}), receive done -> ok end end, Count);
work(skynet, Leaves) ->
    Main = self(),
    Took = timed(fun() ->
        spawn(fun() -> sky(0, Leaves, Main) end),
        Sum = Leaves * (Leaves - 1) div 2,
        receive {sum, Sum} -> ok end
    end),
    {Took, [Took / ((Leaves * 10 - 1) div 9)]};
work(start_and_stop, Count) ->
    Before = erlang:system_info(process_count),
    per(fun() ->
        Alive = [start(0) || _ <- lists:seq(1, Count)],
        [exit(Server, shutdown) || Server <- Alive],
        gone(Before)
    end, Count);
work(bytes, Count) ->
    ask(start(0)),
    Before = erlang:memory(total),
    Alive = [begin Server = start(0), ask(Server), Server end || _ <- lists:seq(1, Count)],
    garbage_collect(),
    Held = erlang:memory(total) - Before - erts_debug:flat_size(Alive) * erlang:system_info(wordsize),
    {0, [Held / length(Alive)]};
work(many_idle, Count) ->
    Before = resident(),
    Took = timed(fun() ->
        Alive = [start(0) || _ <- lists:seq(1, Count)],
        [ask(Server) || Server <- Alive]
    end),
    {Took, [Took / Count, max(0, resident() - Before) / Count]};
work(look_up, Count) ->
    Names = named(),
    per(fun() -> turns(Count, Names, Names, fun(Name) -> true = is_pid(whereis(Name)) end) end, Count);
work(look_up_and_call, Count) ->
    Names = named(),
    per(fun() -> turns(Count, Names, Names, fun(Name) -> ask(whereis(Name)) end) end, Count);
work(call_via, Count) ->
    Names = named(),
    per(fun() -> turns(Count, Names, Names, fun ask/1) end, Count);
work(restart, Count) ->
    Child = #{id => mortal, start => {?MODULE, start_mortal, []}},
    {ok, _} = supervisor:start_link(?MODULE, {supervisor, Child}),
    per(fun() -> times(Count, fun() -> catch gen_server:call(mortal, crash), answered() end) end, Count);
work(fan_out, Count) ->
    Subscribers = 10000,
    Left = atomics:new(1, []),
    {ok, _} = pg:start_link(),
    [ok = pg:join(news, start({listener, self(), Left})) || _ <- lists:seq(1, Subscribers)],
    Publish = fun() ->
        atomics:put(Left, 1, Subscribers),
        [gen_server:cast(Listener, news) || Listener <- pg:get_local_members(news)],
        receive heard -> ok end
    end,
    Publish(),
    Times = (Count + Subscribers - 1) div Subscribers,
    per(fun() -> times(Times, Publish) end, Times * Subscribers);
work(timers, Count) ->
    Server = start(0),
    per(fun() ->
        Armed = [erlang:send_after(60000, Server, tick) || _ <- lists:seq(1, Count)],
        [true = is_integer(erlang:cancel_timer(Timer)) || Timer <- Armed]
    end, Count).

many_callers(Servers, Count) ->
    Each = (Count + 63) div 64,
    Caller = fun(Server) -> fun() -> times(Each, fun() -> ask(Server) end) end end,
    per(fun() -> together([Caller(Server) || Server <- Servers]) end, Each * 64).

casts(_, 0) -> ok;
casts(Server, Count) -> gen_server:cast(Server, {add, 1}), casts(Server, Count - 1).

handled(Server, Count) ->
    case ask(Server) of
        Value when Value >= Count -> ok;
        _ -> handled(Server, Count)
    end.

echo(Count, Size) ->
    Server = start(0),
    Bytes = binary:copy(<<7>>, Size),
    per(fun() -> times(Count, fun() -> Bytes = gen_server:call(Server, {echo, Bytes}) end) end, Count).

sky(First, 1, Parent) -> Parent ! {sum, First};
sky(First, Size, Parent) ->
    Own = self(),
    Part = Size div 10,
    [spawn(fun() -> sky(First + Child * Part, Part, Own) end) || Child <- lists:seq(0, 9)],
    Parent ! {sum, lists:sum([receive {sum, Sum} -> Sum end || _ <- lists:seq(1, 10)])}.

gone(Before) ->
    case erlang:system_info(process_count) of
        Count when Count =< Before -> ok;
        _ -> erlang:yield(), gone(Before)
    end.

resident() ->
    case file:read_file("/proc/self/statm") of
        {ok, Text} -> binary_to_integer(lists:nth(2, binary:split(Text, <<" ">>, [global]))) * 4096;
        _ -> 0
    end.

named() ->
    Names = [list_to_atom("server " ++ integer_to_list(Number)) || Number <- lists:seq(0, 999)],
    [{ok, _} = gen_server:start({local, Name}, ?MODULE, 0, []) || Name <- Names],
    Names.

turns(0, _, _, _) -> ok;
turns(Count, [], All, Work) -> turns(Count, All, All, Work);
turns(Count, [Name | Rest], All, Work) -> Work(Name), turns(Count - 1, Rest, All, Work).

start_mortal() -> gen_server:start_link({local, mortal}, ?MODULE, 0, []).

%% Asks until somebody answers.
answered() ->
    try ask(mortal) of
        _ -> ok
    catch
        exit:_ -> erlang:yield(), answered()
    end.
