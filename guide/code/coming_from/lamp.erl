-module(lamp).
-behaviour(gen_server).
-export([start_link/1, switch_on/0, is_on/0, connect/1]).
-export([init/1, handle_continue/2, handle_call/3, handle_cast/2, handle_info/2]).

start_link(After) -> gen_server:start_link({local, ?MODULE}, ?MODULE, After, []).
switch_on() -> gen_server:cast(?MODULE, switch_on).
is_on() -> gen_server:call(?MODULE, is_on).
connect(Volts) -> gen_server:call(?MODULE, {connect, Volts}).

init(After) -> {ok, #{is_on => true, off_after => After}, {continue, self_test}}.

handle_continue(self_test, Lamp) -> {noreply, Lamp#{is_on := false}}.

handle_call(is_on, _From, Lamp = #{is_on := IsOn}) -> {reply, IsOn, Lamp};
handle_call({connect, Volts}, _From, _Lamp) when Volts > 250 -> error(burst);
handle_call({connect, _Volts}, _From, Lamp) -> {reply, ok, Lamp}.

handle_cast(switch_on, Lamp = #{off_after := After}) ->
    erlang:send_after(After, self(), switch_off),
    {noreply, Lamp#{is_on := true}}.

handle_info(switch_off, Lamp) -> {noreply, Lamp#{is_on := false}}.
