defmodule Lamp do
  use GenServer

  def start_link(off_after), do: GenServer.start_link(__MODULE__, off_after, name: __MODULE__)
  def switch_on, do: GenServer.cast(__MODULE__, :switch_on)
  def on?, do: GenServer.call(__MODULE__, :on?)
  def connect(volts), do: GenServer.call(__MODULE__, {:connect, volts})

  @impl true
  def init(off_after), do: {:ok, %{on: true, off_after: off_after}, {:continue, :self_test}}

  @impl true
  def handle_continue(:self_test, lamp), do: {:noreply, %{lamp | on: false}}

  @impl true
  def handle_call(:on?, _from, lamp), do: {:reply, lamp.on, lamp}
  def handle_call({:connect, volts}, _from, _lamp) when volts > 250, do: raise("burst")
  def handle_call({:connect, _volts}, _from, lamp), do: {:reply, :ok, lamp}

  @impl true
  def handle_cast(:switch_on, lamp) do
    Process.send_after(self(), :switch_off, lamp.off_after)
    {:noreply, %{lamp | on: true}}
  end

  @impl true
  def handle_info(:switch_off, lamp), do: {:noreply, %{lamp | on: false}}
end

defmodule Main do
  def run do
    options = [strategy: :one_for_one, max_restarts: 3, max_seconds: 5]
    {:ok, sup} = Supervisor.start_link([{Lamp, 300}], options)
    IO.puts("on: #{Lamp.on?()}")
    Lamp.switch_on()
    IO.puts("on: #{Lamp.on?()}")
    Process.sleep(900)
    IO.puts("on: #{Lamp.on?()}")

    ref = Process.monitor(Process.whereis(Lamp))

    try do
      Lamp.connect(400)
    catch
      :exit, _ -> IO.puts("no answer")
    end

    receive do
      {:DOWN, ^ref, :process, _, {%RuntimeError{message: message}, _}} ->
        IO.puts("the lamp #{message}")
    end

    wait_for(Lamp)
    IO.puts("on: #{Lamp.on?()} after the restart")
    Supervisor.stop(sup)
    IO.puts("registered: #{Process.whereis(Lamp) != nil}")
  end

  defp wait_for(name) do
    if Process.whereis(name) == nil do
      Process.sleep(1)
      wait_for(name)
    end
  end
end

Logger.configure(level: :none)
Main.run()
