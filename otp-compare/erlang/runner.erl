%% Runs scripts of the comparison on Erlang/OTP and writes what happened, one event per line.
%%
%%   erl -noshell -run runner main SCRIPTS TRACES
%%
%% SCRIPTS holds one term per script. The scripts share nothing, so all of them run at the same time.
%% Who ended, and why, is seen by tracing: its timestamps and those of the notes taken here are one strict order.
-module(runner).

-export([main/1, start_node/2, log/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(SLOW, 240).
-define(MEANWHILE, 100).
-define(MISSED, 100000).
-define(LOOK, 25).
-define(LOOKS, 20).
-define(STAGGER, 7).
-define(REST, 250).
-define(LONGEST, 300000).

main([In, Out]) ->
    {ok, Scripts} = file:consult(In),
    ok = logger:remove_handler(default),
    ok = logger:add_handler(runner, ?MODULE, #{level => error}),
    Main = self(),
    Running = [start(Main, Script) || Script <- Scripts],
    Lines = [receive {Pid, Trace} -> Trace after ?LONGEST -> halt(3) end || Pid <- Running],
    ok = file:write_file(Out, Lines),
    halt(0).

%% A little after the one before: trees are not all built in the same moment.
start(Main, Script) ->
    timer:sleep(?STAGGER),
    spawn_link(fun() -> Main ! {self(), script(Script)} end).

%% One script, from the empty table to the stopped tree.
script({script, Seed, Settles, Nodes, Steps}) ->
    process_flag(trap_exit, true),
    Runner = self(),
    Tracer = spawn_link(fun() -> trace(Runner) end),
    receive {Tracer, ready} -> ok end,
    Ctx = #{log => ets:new(log, [ordered_set, public]),
            state => ets:new(state, [set, public]),
            settles => Settles,
            nodes => maps:from_list([{element(2, Node), Node} || Node <- Nodes]),
            order => [element(2, Node) || Node <- Nodes]},
    Late = steps(Ctx, Steps, 0, erlang:monotonic_time(millisecond), 0),
    stop(Ctx, length(Steps)),
    Tracer ! {stop, self()},
    Exits = receive {Tracer, All} -> All end,
    Events = lists:sort(ets:tab2list(maps:get(log, Ctx)) ++ with_names(Ctx, Exits)),
    [io_lib:format("script ~b late ~b~n", [Seed, Late + missed_by(Ctx)]) | [line(Event) || {_, Event} <- Events]].

steps(_, [], _, _, Late) ->
    Late;
steps(Ctx, [{At, Action} | Rest], Index, Began, Late) ->
    Behind = sleep_until(Began + At),
    note(Ctx, {block, Index}),
    case act(Ctx, Action) of
        none -> ok;
        Result -> note(Ctx, {result, Result})
    end,
    case Action of
        {arm, _, _} -> ok;
        _ ->
            timer:sleep(maps:get(settles, Ctx) - ?LOOK),
            note(Ctx, {snapshot, settled(Ctx, look(Ctx), ?LOOKS)})
    end,
    steps(Ctx, Rest, Index + 1, Began, max(Late, Behind)).

%% The tree when nothing happens any more: two looks at it are the same. A busy machine may need more of them.
settled(_, {_, Snapshot}, 0) -> Snapshot;
settled(Ctx, Before, Left) ->
    timer:sleep(?LOOK),
    case look(Ctx) of
        {_, Snapshot} = Before ->
            case string:find(Snapshot, "gone") of
                nomatch -> Snapshot;
                _ -> settled(Ctx, Before, Left - 1)
            end;
        Now -> settled(Ctx, Now, Left - 1)
    end.

look(#{log := Log} = Ctx) -> {ets:info(Log, size), lists:flatten(snapshot(Ctx))}.

%% How late it is, in milliseconds.
sleep_until(Time) ->
    case Time - erlang:monotonic_time(millisecond) of
        Left when Left > 0 -> timer:sleep(Left), 0;
        Behind -> -Behind
    end.

stop(Ctx, Index) ->
    note(Ctx, {block, Index}),
    case live_root(Ctx) of
        none -> ok;
        Root ->
            exit(Root, shutdown),
            receive {'EXIT', Root, _} -> ok end
    end,
    timer:sleep(?REST).

%% What a step does.

act(Ctx, {arm, Id, Outcomes}) ->
    ets:insert(maps:get(state, Ctx), {{arm, Id}, Outcomes}),
    none;
act(Ctx, {boot}) ->
    case ensure_root(Ctx) of {ok, _} -> none; _ -> skip end;
act(Ctx, {exit, Id, How}) ->
    on_child(Ctx, Id, fun(Pid) -> gen_server:cast(Pid, {exit, How}), none end);
act(Ctx, {kill, Id}) ->
    on_child(Ctx, Id, fun(Pid) -> stranger(Pid, kill), none end);
act(Ctx, {signal, Id, How}) ->
    on_child(Ctx, Id, fun(Pid) -> stranger(Pid, reason(How)), none end);
act(Ctx, {during, Id, Admin}) ->
    Parent = parent(Ctx, Id),
    on_child(Ctx, Parent, fun(Supervisor) ->
        on_child(Ctx, Id, fun(Pid) ->
            act(Ctx, {arm, Id, [slow]}),
            Crashed = erlang:monotonic_time(millisecond),
            gen_server:cast(Pid, {exit, error}),
            timer:sleep(?MEANWHILE),
            Asked = erlang:monotonic_time(millisecond),
            [missed(Ctx) || Asked - Crashed > ?MEANWHILE + (?SLOW - ?MEANWHILE) div 2],
            Result = admin(Ctx, Supervisor, Admin, Id),
            timer:sleep(?SLOW),
            act(Ctx, {arm, Id, []}),
            Result
        end)
    end);
act(Ctx, {Admin, Id}) ->
    on_child(Ctx, parent(Ctx, Id), fun(Supervisor) -> admin(Ctx, Supervisor, Admin, Id) end).

%% A question that had to come during a start may have come after it.
missed(#{state := State}) -> ets:insert(State, {missed, ?MISSED}).

missed_by(#{state := State}) -> proplists:get_value(missed, ets:lookup(State, missed), 0).

on_child(Ctx, Id, Do) ->
    case ensure(Ctx, Id) of
        {ok, Pid} -> Do(Pid);
        _ -> skip
    end.

%% A signal from a process that is neither the parent nor a child.
stranger(Pid, Reason) ->
    {_, Monitor} = spawn_monitor(fun() -> exit(Pid, Reason) end),
    receive {'DOWN', Monitor, process, _, _} -> ok end.

admin(Ctx, Supervisor, Admin, Id) ->
    Result = try
        case Admin of
            terminate -> supervisor:terminate_child(Supervisor, whom(Ctx, Supervisor, Id));
            restart -> supervisor:restart_child(Supervisor, Id);
            delete -> supervisor:delete_child(Supervisor, Id);
            start -> start_child(Ctx, Supervisor, Id)
        end
    catch exit:_ -> gone
    end,
    case Result of
        ok -> ok;
        gone -> gone;
        {ok, undefined} -> ignored;
        {ok, _} -> ok;
        {error, {already_started, _}} -> running;
        {error, {bad_combination, _}} -> bad_spec;
        {error, Known} when Known =:= running; Known =:= restarting; Known =:= not_found;
                            Known =:= already_present -> Known;
        {error, _} -> failed
    end.

%% A child of a dynamic supervisor has no id there, so there may be any number of it; here there is one at most.
start_child(Ctx, Supervisor, Id) ->
    case is_dynamic(Ctx, Id) andalso listed(Ctx, Supervisor, Id) of
        false -> supervisor:start_child(Supervisor, spec(Ctx, Id));
        none -> supervisor:start_child(Supervisor, [Id]);
        _ -> {error, running}
    end.

whom(Ctx, Supervisor, Id) ->
    case is_dynamic(Ctx, Id) andalso listed(Ctx, Supervisor, Id) of
        {ok, Pid} -> Pid;
        none -> self();
        false -> Id
    end.

%% A fault needs somebody to hit: whoever is on the way to the child and does not run is brought back first.

ensure(Ctx, Id) ->
    case parent(Ctx, Id) of
        none -> ensure_root(Ctx);
        Parent ->
            case ensure(Ctx, Parent) of
                {ok, Supervisor} -> bring_back(Ctx, Supervisor, Id);
                Other -> Other
            end
    end.

bring_back(Ctx, Supervisor, Id) ->
    case listed(Ctx, Supervisor, Id) of
        {ok, Pid} -> {ok, Pid};
        restarting -> none;
        undefined -> admin(Ctx, Supervisor, restart, Id), running(listed(Ctx, Supervisor, Id));
        none -> admin(Ctx, Supervisor, start, Id), running(listed(Ctx, Supervisor, Id))
    end.

running({ok, Pid}) -> {ok, Pid};
running(_) -> none.

listed(Ctx, Supervisor, Id) ->
    Children = [{named(Ctx, Child, Pid), Pid, Type, x} || {Child, Pid, Type, _} <- children(Supervisor)],
    case lists:keyfind(Id, 1, Children) of
        {_, Pid, _, _} when is_pid(Pid) -> {ok, Pid};
        {_, Other, _, _} -> Other;
        false -> none
    end.

%% The children of a dynamic supervisor are listed without an id.
named(#{state := State}, undefined, Pid) ->
    case ets:lookup(State, {pid, Pid}) of [{_, Id, _}] -> Id; [] -> undefined end;
named(_, Id, _) -> Id.

ensure_root(Ctx) ->
    case live_root(Ctx) of
        none ->
            Root = hd(maps:get(order, Ctx)),
            case start_node(Ctx, Root) of
                {ok, Pid} -> ets:insert(maps:get(state, Ctx), {root, Pid}), {ok, Pid};
                _ -> none
            end;
        Pid -> {ok, Pid}
    end.

live_root(Ctx) ->
    case ets:lookup(maps:get(state, Ctx), root) of
        [{root, Pid}] ->
            case is_process_alive(Pid) of true -> Pid; false -> none end;
        [] -> none
    end.

%% Who is listed where, and whether it runs.

snapshot(Ctx) ->
    case live_root(Ctx) of
        none -> "none";
        Root -> snapshot(Ctx, hd(maps:get(order, Ctx)), Root)
    end.

snapshot(Ctx, Id, Pid) ->
    Children = lists:reverse(children(Pid)),
    Texts = [child(Ctx, Child) || Child <- Children],
    Text = lists:join(" ", case kind(Ctx, Id) of
                               dynamic -> lists:sort([lists:flatten(One) || One <- Texts]);
                               _ -> Texts
                           end),
    [atom_to_list(Id), "[", Text, "]", counted(Pid, Children)].

child(_, {undefined, restarting, _, _}) -> "?";
child(Ctx, {undefined, Pid, _, _}) -> atom_to_list(named(Ctx, undefined, Pid));
child(Ctx, {Id, Pid, supervisor, _}) when is_pid(Pid) -> snapshot(Ctx, Id, Pid);
child(_, {Id, Pid, _, _}) when is_pid(Pid) -> atom_to_list(Id);
child(_, {Id, undefined, _, _}) -> [atom_to_list(Id), "-"];
child(_, {Id, restarting, _, _}) -> [atom_to_list(Id), "?"].

counted(Pid, Children) ->
    Supervisors = length([x || {_, _, supervisor, _} <- Children]),
    Specs = case Children of
                [{undefined, _, _, _} | _] -> 1;
                [] -> proplists:get_value(specs, count(Pid), 0);
                _ -> length(Children)
            end,
    Expected = [{active, length([x || {_, One, _, _} <- Children, is_pid(One)])},
                {specs, Specs}, {supervisors, Supervisors},
                {workers, length(Children) - Supervisors}],
    case lists:sort(count(Pid)) of
        Expected -> "";
        [] -> "gone";
        _ -> "!"
    end.

count(Pid) ->
    try supervisor:count_children(Pid) catch exit:_ -> [] end.

children(Pid) ->
    try supervisor:which_children(Pid) catch exit:_ -> [] end.

%% Nodes: workers and supervisors.

parent(#{nodes := Nodes}, Id) -> element(3, maps:get(Id, Nodes)).

spec(#{nodes := Nodes} = Ctx, Id) ->
    {node, Id, _, Restart, Shutdown, Significant, _, Kind} = maps:get(Id, Nodes),
    #{id => Id, start => {?MODULE, start_node, [Ctx, Id]}, restart => Restart, shutdown => Shutdown,
      significant => Significant, type => case element(1, Kind) of worker -> worker; _ -> supervisor end}.

kind(#{nodes := Nodes}, Id) -> element(1, element(8, maps:get(Id, Nodes))).

is_dynamic(Ctx, Id) ->
    Parent = parent(Ctx, Id),
    Parent =/= none andalso kind(Ctx, Parent) =:= dynamic.

start_node(#{nodes := Nodes} = Ctx, Id) ->
    case element(8, maps:get(Id, Nodes)) of
        {worker, Traps, Lingers} -> gen_server:start_link(?MODULE, {worker, Ctx, Id, Traps, Lingers}, []);
        Kind -> supervisor:start_link(?MODULE, {Kind, Ctx, Id})
    end.

init({{supervisor, Strategy, Intensity, Period, Auto}, Ctx, Id}) ->
    put(context, {Ctx, Id}),
    started(Ctx, Id, attempt(Ctx, Id)),
    Specs = [spec(Ctx, Child) || Child <- maps:get(order, Ctx), belongs(Ctx, Child, Id)],
    {ok, {#{strategy => Strategy, intensity => Intensity, period => Period, auto_shutdown => Auto}, Specs}};
init({{dynamic, Restart, Shutdown, Intensity, Period}, Ctx, Id}) ->
    put(context, {Ctx, Id}),
    started(Ctx, Id, attempt(Ctx, Id)),
    Child = #{id => child, start => {?MODULE, start_node, [Ctx]}, restart => Restart, shutdown => Shutdown},
    {ok, {#{strategy => simple_one_for_one, intensity => Intensity, period => Period}, [Child]}};
init({worker, Ctx, Id, Traps, Lingers}) ->
    process_flag(trap_exit, Traps),
    Attempt = attempt(Ctx, Id),
    case outcome(Ctx, Id) of
        ok ->
            started(Ctx, Id, Attempt),
            {ok, {Ctx, Id, Attempt, Traps, Lingers}};
        ignore -> note(Ctx, {ignored, Id, Attempt}), ignore;
        fail -> note(Ctx, {failed, Id, Attempt}), {stop, nope};
        panic -> note(Ctx, {failed, Id, Attempt}), error(boom);
        slow -> timer:sleep(?SLOW), note(Ctx, {failed, Id, Attempt}), {stop, nope}
    end.

belongs(#{nodes := Nodes}, Child, Id) ->
    {node, _, Parent, _, _, _, Initial, _} = maps:get(Child, Nodes),
    Initial andalso Parent =:= Id.

attempt(#{state := State}, Id) ->
    ets:update_counter(State, {attempts, Id}, 1, {{attempts, Id}, 0}).

started(#{state := State} = Ctx, Id, Attempt) ->
    ets:insert(State, {{pid, self()}, Id, Attempt}),
    note(Ctx, {started, Id, Attempt}).

outcome(#{state := State}, Id) ->
    case ets:lookup(State, {arm, Id}) of
        [{_, [First | Rest]}] -> ets:insert(State, {{arm, Id}, Rest}), First;
        _ -> ok
    end.

handle_call(_, _, Worker) -> {noreply, Worker}.

handle_cast({exit, panic}, _) -> error(boom);
handle_cast({exit, How}, Worker) -> {stop, reason(How), Worker}.

handle_info(_, Worker) -> {noreply, Worker}.

terminate(Reason, {Ctx, Id, Attempt, true, Lingers}) ->
    note(Ctx, {terminating, Id, Attempt, class(Reason)}),
    timer:sleep(Lingers);
terminate(_, _) -> ok.

reason(normal) -> normal;
reason(shutdown) -> shutdown;
reason(detail) -> {shutdown, because};
reason(error) -> oops.

class(normal) -> "normal";
class(shutdown) -> "shutdown";
class({shutdown, _}) -> "detail";
class(killed) -> "killed";
class(oops) -> "error";
class({boom, Stack}) when is_list(Stack) -> "panic";
class(Other) -> string:replace(io_lib:format("other:~0p", [Other]), " ", "_", all).

%% Giving up is seen in the report that a supervisor logs; a handler runs in the process that logs.
log(#{msg := {report, #{label := {supervisor, shutdown}, report := Report}}}, _) ->
    case {proplists:get_value(reason, Report), get(context)} of
        {reached_max_restart_intensity, {#{state := State} = Ctx, Id}} ->
            [{_, _, Attempt}] = ets:lookup(State, {pid, self()}),
            note(Ctx, {gave_up, Id, Attempt});
        _ -> ok
    end;
log(_, _) -> ok.

%% What happened, in order.

note(#{log := Log}, Event) ->
    Now = {erlang:monotonic_time(nanosecond), erlang:unique_integer([monotonic])},
    ets:insert(Log, {Now, Event}).

trace(Runner) ->
    erlang:trace(Runner, true, [procs, set_on_spawn, strict_monotonic_timestamp]),
    Runner ! {self(), ready},
    trace(Runner, []).

trace(Runner, Exits) ->
    receive
        {trace_ts, Pid, exit, Reason, Time} -> trace(Runner, [{Time, Pid, class(Reason)} | Exits]);
        {stop, Runner} ->
            All = erlang:trace_delivered(all),
            flush(All, Runner, Exits);
        _ -> trace(Runner, Exits)
    end.

flush(All, Runner, Exits) ->
    receive
        {trace_ts, Pid, exit, Reason, Time} -> flush(All, Runner, [{Time, Pid, class(Reason)} | Exits]);
        {trace_delivered, all, All} -> Runner ! {self(), Exits};
        _ -> flush(All, Runner, Exits)
    end.

%% Only nodes that got through their init have a name.
with_names(#{state := State}, Exits) ->
    [{Time, {ended, Id, Attempt, Class}} || {Time, Pid, Class} <- Exits,
                                            {_, Id, Attempt} <- ets:lookup(State, {pid, Pid})].

line({block, Index}) -> io_lib:format("@ ~b~n", [Index]);
line({result, Result}) -> io_lib:format("= ~s~n", [Result]);
line({snapshot, Text}) -> io_lib:format("# ~s~n", [Text]);
line({started, Id, Attempt}) -> io_lib:format("+ ~s ~b~n", [Id, Attempt]);
line({failed, Id, Attempt}) -> io_lib:format("! ~s ~b~n", [Id, Attempt]);
line({ignored, Id, Attempt}) -> io_lib:format("? ~s ~b~n", [Id, Attempt]);
line({gave_up, Id, Attempt}) -> io_lib:format("^ ~s ~b~n", [Id, Attempt]);
line({terminating, Id, Attempt, Class}) -> io_lib:format("~~ ~s ~b ~s~n", [Id, Attempt, Class]);
line({ended, Id, Attempt, Class}) -> io_lib:format("- ~s ~b ~s~n", [Id, Attempt, Class]).
