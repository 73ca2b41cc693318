%% Three nodes of Erlang/OTP in a cluster: the rows of three nodes of the program `remote`. All nodes end with their input.
-module(cluster).
-behaviour(gen_server).
-export([member/0, near/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% A far node says when it has its entries and those of its seed.
member() ->
    case init:get_plain_arguments() of
        [Name, Entries] -> start(Name, list_to_integer(Entries), []);
        [Name, Entries, Other, Seed] -> start(Name, list_to_integer(Entries), [{Other, Seed}])
    end,
    io:format("ready~n"),
    end_with_input().

start(Name, Entries, Seeds) ->
    {ok, _} = pg:start(pg),
    {ok, _} = gen_server:start({local, helper}, ?MODULE, [], []),
    Process = spawn(fun idle/0),
    [ok = pg:join({Name, Index}, Process) || Index <- lists:seq(1, Entries)],
    [true = net_kernel:connect_node(list_to_atom(Seed)) || {_, Seed} <- Seeds],
    [has_entries(Other, Entries) || {Other, _} <- Seeds],
    ok.

%% The near node says how long the measured part took, in nanoseconds, and how much its memory has grown, in bytes.
near() ->
    [B, C, Work, Callers, Count] = init:get_plain_arguments(),
    spawn(fun end_with_input/0),
    Nodes = [list_to_atom(Node) || Node <- [B, C]],
    {Pid, Ref} = spawn_monitor(fun() ->
        Arguments = {Nodes, list_to_integer(Callers)},
        exit({took, measured(list_to_atom(Work), Arguments, list_to_integer(Count))})
    end),
    receive
        {'DOWN', Ref, process, Pid, {took, {Took, Grown}}} ->
            io:format("~w ~w~n", [Took, Grown]),
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

idle() -> receive stop -> ok end.

has_entries(_, 0) -> ok;
has_entries(Name, Entries) ->
    wait(fun() -> pg:get_members({Name, Entries}) =/= [] end).

wait(Condition) ->
    case Condition() of
        true -> ok;
        false -> timer:sleep(1), wait(Condition)
    end.

%% The helper: it starts members, waits for their messages, and answers joins. The first counter has the received messages,
%% the second one the number that is waited for.
init([]) ->
    Counters = atomics:new(2, []),
    ok = pg:join(helpers, self()),
    {ok, #{counters => Counters, waiting => none, answering => none}}.

handle_call(ping, _, State) ->
    {reply, 1, State};
handle_call({add_sinks, Count}, _, #{counters := Counters} = State) ->
    add_sinks(Count, Counters),
    {reply, ok, State};
handle_call({received, Total}, From, #{counters := Counters} = State) ->
    atomics:put(Counters, 2, Total),
    {noreply, answer_if_reached(State#{waiting := From})};
handle_call({register, Name}, _, State) ->
    {reply, global:register_name(Name, self()), State};
handle_call(answer, _, State) ->
    {Ref, []} = pg:monitor(ping),
    {reply, ok, State#{answering := Ref}}.

handle_cast(_, State) -> {noreply, State}.

handle_info({Ref, join, ping, _}, #{answering := Ref} = State) ->
    ok = pg:join(pong, self()),
    {noreply, State};
handle_info({Ref, leave, ping, _}, #{answering := Ref} = State) ->
    ok = pg:leave(pong, self()),
    {noreply, State};
handle_info(reached, State) ->
    {noreply, answer_if_reached(State)}.

answer_if_reached(#{waiting := none} = State) ->
    State;
answer_if_reached(#{waiting := From, counters := Counters} = State) ->
    case atomics:get(Counters, 1) >= atomics:get(Counters, 2) of
        true -> gen_server:reply(From, ok), State#{waiting := none};
        false -> State
    end.

add_sinks(Count, Counters) ->
    Helper = self(),
    Sinks = [spawn(fun() -> sink(Helper, Counters) end) || _ <- lists:seq(1, Count)],
    ok = pg:join(ticks, Sinks).

sink(Helper, Counters) ->
    receive
        tick ->
            case atomics:add_get(Counters, 1, 1) >= atomics:get(Counters, 2) of
                true -> Helper ! reached;
                false -> ok
            end
    end,
    sink(Helper, Counters).

%% The entries of the other two nodes, on a node that joins.
measured(sync, {Nodes, _}, Count) ->
    {ok, _} = pg:start(pg),
    Before = resident(),
    Took = timed(fun() ->
        [true = net_kernel:connect_node(Node) || Node <- Nodes],
        [has_entries(Name, Count) || Name <- ["b", "c"]]
    end),
    {Took, max(0, resident() - Before)};
measured(Work, {Nodes, Callers}, Count) ->
    start("a", 0, []),
    [true = net_kernel:connect_node(Node) || Node <- Nodes],
    ok = global:sync(),
    All = fun() -> length(pg:get_members(helpers)) =:= 3 end,
    wait(All),
    [wait(fun() -> length(erpc:call(Node, pg, get_members, [helpers])) =:= 3 end) || Node <- Nodes],
    {work(Work, Nodes, Callers, Count), 0}.

work(register, _, Callers, Count) ->
    register_names(warm_up, processes(8)),
    Each = (Count + Callers - 1) div Callers,
    Shares = [{Caller, processes(Each)} || Caller <- lists:seq(1, Callers)],
    timed(fun() ->
        Refs = [
            element(2, spawn_monitor(fun() -> register_names(Caller, Share) end))
         || {Caller, Share} <- Shares
        ],
        [receive {'DOWN', Ref, process, _, normal} -> ok end || Ref <- Refs]
    end);
work(lookup, [B | _], _, Count) ->
    yes = call(B, {register, target}),
    wait(fun() -> global:whereis_name(target) =/= undefined end),
    timed(fun() -> lookup(Count) end);
work(local_lookup, _, _, Count) ->
    timed(fun() -> local_lookup(Count) end);
work(join, [B | _], _, Count) ->
    ok = call(B, answer),
    {Ref, []} = pg:monitor(pong),
    timed(fun() -> join_and_leave(Count, Ref) end);
work(broadcast, [B, C], _, Count) ->
    Each = 1000 div 3,
    Own = 1000 - 2 * Each,
    [ok = call(Node, {add_sinks, Sinks}) || {Node, Sinks} <- [{node(), Own}, {B, Each}, {C, Each}]],
    wait(fun() -> length(pg:get_members(ticks)) =:= 1000 end),
    Shares = [{node(), Own}, {B, Each}, {C, Each}],
    broadcast(1, 8, Shares),
    timed(fun() -> broadcast(9, Count + 8, Shares) end);
work(multi_call, Nodes, _, Count) ->
    timed(fun() -> multi_call(Count, [node() | Nodes]) end).

%% A process may have one name in `global`.
processes(Count) -> [spawn(fun idle/0) || _ <- lists:seq(1, Count)].

register_names(Prefix, Processes) ->
    [yes = global:register_name({Prefix, Process}, Process) || Process <- Processes].

lookup(0) -> ok;
lookup(Count) ->
    true = is_pid(global:whereis_name(target)),
    lookup(Count - 1).

local_lookup(0) -> ok;
local_lookup(Count) ->
    true = is_pid(whereis(helper)),
    local_lookup(Count - 1).

join_and_leave(0, _) -> ok;
join_and_leave(Count, Ref) ->
    ok = pg:join(ping, self()),
    receive {Ref, join, pong, _} -> ok end,
    ok = pg:leave(ping, self()),
    receive {Ref, leave, pong, _} -> ok end,
    join_and_leave(Count - 1, Ref).

%% Each broadcast ends when the helpers of all nodes say that their members have received it.
broadcast(Round, Last, _) when Round > Last -> ok;
broadcast(Round, Last, Shares) ->
    [Member ! tick || Member <- pg:get_members(ticks)],
    Requests = [
        gen_server:send_request({helper, Node}, {received, Round * Sinks})
     || {Node, Sinks} <- Shares
    ],
    [{reply, ok} = gen_server:wait_response(Request, infinity) || Request <- Requests],
    broadcast(Round + 1, Last, Shares).

multi_call(0, _) -> ok;
multi_call(Count, Nodes) ->
    {[_, _, _], []} = gen_server:multi_call(Nodes, helper, ping),
    multi_call(Count - 1, Nodes).

call(Node, Request) -> gen_server:call({helper, Node}, Request, infinity).

timed(Work) ->
    Began = erlang:monotonic_time(nanosecond),
    Work(),
    erlang:monotonic_time(nanosecond) - Began.

%% The resident bytes of this node, as reported by Linux.
resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:split(Text, " ", all),
    binary_to_integer(Pages) * 4096.
