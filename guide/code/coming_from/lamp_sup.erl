-module(lamp_sup).
-behaviour(supervisor).
-export([start_link/0, init/1, main/0]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    Flags = #{strategy => one_for_one, intensity => 3, period => 5},
    Lamp = #{id => lamp, start => {lamp, start_link, [300]}},
    {ok, {Flags, [Lamp]}}.

main() ->
    {ok, Sup} = start_link(),
    io:format("on: ~p~n", [lamp:is_on()]),
    lamp:switch_on(),
    io:format("on: ~p~n", [lamp:is_on()]),
    timer:sleep(900),
    io:format("on: ~p~n", [lamp:is_on()]),

    Old = whereis(lamp),
    Ref = erlang:monitor(process, Old),
    try lamp:connect(400) catch exit:_ -> io:format("no answer~n") end,
    receive
        {'DOWN', Ref, process, Old, {burst, _Stack}} -> io:format("the lamp burst~n")
    end,

    wait_for(lamp),
    io:format("on: ~p after the restart~n", [lamp:is_on()]),
    unlink(Sup),
    gen_server:stop(Sup),
    io:format("registered: ~p~n", [whereis(lamp) =/= undefined]).

wait_for(Name) ->
    case whereis(Name) of
        undefined -> timer:sleep(1), wait_for(Name);
        _Pid -> ok
    end.
