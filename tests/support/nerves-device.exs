# A device that runs Nerves, as far as SSH shows it: Erlang's own ssh daemon with nerves_ssh's options, exec that
# evaluates Elixir, and a subsystem `fwup` that ends as it is told. Its "machine" is a table: a restart ends every
# connection and the listener, waits, and listens again with what the scenario made of the slots.
#
# Speaks lines on standard output (`port N`, `event …`) and takes lines on standard input (`set KEY ELIXIR`).
# Ends with its standard input. Called by nerves-device.ts: elixir nerves-device.exs DIR ELIXIR_KEYWORDS

defmodule Machine do
  def start(settings) do
    :ets.new(:machine, [:named_table, :public, :set])
    Enum.each(settings, fn {key, value} -> put(key, value) end)
    put(:booted, now())
  end

  def put(key, value), do: :ets.insert(:machine, {key, value})

  def get(key, default \\ nil) do
    case :ets.lookup(:machine, key) do
      [{_, value}] -> value
      [] -> default
    end
  end

  # not to the group leader: within exec that is the SSH channel
  def say(text), do: IO.puts(:user, "event " <> text)
  def uptime, do: (now() - get(:booted)) / 1000 + get(:uptime_before, 0)
  def other, do: if(get(:active) == "a", do: "b", else: "a")

  # What fwup leaves behind when it has applied an update.
  def write_other(uuid, version) do
    slot = other()

    put(
      :kv,
      Map.merge(get(:kv), %{
        "#{slot}.nerves_fw_uuid" => uuid,
        "#{slot}.nerves_fw_version" => version,
        "#{slot}.nerves_fw_validated" => "0"
      })
    )

    put(:next, slot)
  end

  def restart(into, then \\ fn -> :ok end) do
    spawn(fn ->
      Process.sleep(get(:reboot_after))
      say("down")
      Listener.stop()
      Process.sleep(get(:down_for))
      put(:active, into)
      put(:next, into)
      put(:booted, now())
      put(:uptime_before, 0)
      Listener.start()
      say("up #{into}")
      then.()
    end)
  end

  def validate do
    put(:kv, Map.put(get(:kv), "#{get(:active)}.nerves_fw_validated", "1"))
    say("validated")
  end

  defp now, do: System.monotonic_time(:millisecond)
end

defmodule Nerves.Runtime.KV do
  def get(name), do: Map.get(Machine.get(:kv), name)
  def get_active(name), do: get("#{Machine.get(:active)}.#{name}")
end

defmodule Nerves.Runtime do
  def firmware_slots do
    if Machine.get(:old_runtime), do: raise(UndefinedFunctionError, "old")
    %{active: Machine.get(:active), next: Machine.get(:next)}
  end

  def firmware_validation_status do
    if Machine.get(:old_runtime), do: raise(UndefinedFunctionError, "old")

    case Nerves.Runtime.KV.get_active("nerves_fw_validated") do
      "1" -> :validated
      "0" -> :unvalidated
      _ -> :unknown
    end
  end

  def serial_number, do: Machine.get(:serial)
end

defmodule NervesSSH do
  def add_authorized_key(line) do
    File.write!(Path.join(Machine.get(:dir), "user/authorized_keys"), line <> "\n", [:append])
    Machine.say("key added")
    :ok
  end
end

defmodule DeviceFile do
  def read("/proc/uptime"), do: {:ok, "#{:erlang.float_to_binary(Machine.uptime() * 1.0, decimals: 2)} 1.00\n"}

  def read(path) do
    case Map.fetch(Machine.get(:files), path) do
      {:ok, content} -> {:ok, content}
      :error -> {:error, :enoent}
    end
  end

  def read_link(path), do: read("link:" <> path)
end

defmodule Exec do
  # As nerves_ssh does: the value inspected, or the exception formatted.
  def run(command) do
    if Machine.get(:exec_disabled) do
      {:error, "Prohibited."}
    else
      {value, _} = Code.eval_string(to_string(command), [], aliases: [{File, DeviceFile}])
      {:ok, inspect(value)}
    end
  catch
    kind, value -> {:error, Exception.format(kind, value, __STACKTRACE__)}
  end
end

defmodule Fwup do
  @behaviour :ssh_server_channel
  @bar "\r%s [=====     ] 1.00 MB in / 2.00 MB out\b\b"

  def init(_), do: {:ok, %{bytes: 0, hash: :crypto.hash_init(:sha256), tail: "", done: false, percent: -1}}

  def handle_msg({:ssh_channel_up, channel, connection}, state) do
    state = Map.merge(state, %{channel: channel, connection: connection})
    Machine.say("fwup")

    if Machine.get(:ending) == :precheck,
      do: finish(state, "Error: precheck failed: battery low\n", 1),
      else: {:ok, state}
  end

  def handle_msg(_, state), do: {:ok, state}

  def handle_ssh_msg({:ssh_cm, _, {:data, _, 0, _}}, %{done: true} = state), do: {:ok, state}

  def handle_ssh_msg({:ssh_cm, _, {:data, _, 0, data}}, state) do
    state = %{
      state
      | bytes: state.bytes + byte_size(data),
        hash: :crypto.hash_update(state.hash, data),
        tail: last(state.tail <> data, 22)
    }

    state = progress(state)
    step(Machine.get(:ending), state)
  end

  # The end of a file is no end for fwup: it waits for the end of the archive.
  def handle_ssh_msg({:ssh_cm, _, {:eof, _}}, state), do: {:ok, state}
  def handle_ssh_msg({:ssh_cm, _, {:signal, _, _}}, state), do: {:ok, state}
  def handle_ssh_msg({:ssh_cm, _, {:exit_signal, _, _, _, _}}, state), do: {:stop, state.channel, state}
  def handle_ssh_msg({:ssh_cm, _, {:exit_status, _, _}}, state), do: {:stop, state.channel, state}
  def terminate(_, _), do: :ok

  defp step(:refuse, state) do
    finish(state, "\r\e[Kfwup: Please check the media being upgraded. It doesn't look like either the A or B partitions are active.\n", 1)
  end

  defp step({:zero_after, bytes}, %{bytes: got} = state) when got >= bytes, do: finish(state, "", 0)

  defp step({:cut_after, bytes}, %{bytes: got} = state) when got >= bytes do
    Machine.say("cut at #{got}")
    # the connection's process, and with it the socket, without a word
    Process.exit(state.connection, :kill)
    {:ok, %{state | done: true}}
  end

  defp step({:hang_after, bytes}, %{bytes: got} = state) when got >= bytes do
    Machine.say("hangs")
    Process.sleep(:infinity)
    {:ok, state}
  end

  defp step(ending, %{tail: <<"PK", 5, 6, _::binary-size(18)>>} = state) do
    Machine.say("whole #{state.bytes} #{Base.encode16(:crypto.hash_final(state.hash), case: :lower)}")
    applied(ending, %{state | done: true})
  end

  defp step(_, state), do: {:ok, state}

  defp applied(:success, state) do
    update()
    Machine.restart(Machine.other(), fn -> later(:validate_after, &Machine.validate/0) end)
    finish(state, success(), 0)
  end

  defp applied(:disconnect, state) do
    update()
    send_text(state, success())
    Process.sleep(100)
    Machine.put(:reboot_after, 0)
    Machine.restart(Machine.other(), fn -> later(:validate_after, &Machine.validate/0) end)
    {:ok, state}
  end

  defp applied(:silent_disconnect, state) do
    update()
    Machine.put(:reboot_after, 0)
    Machine.restart(Machine.other(), fn -> later(:validate_after, &Machine.validate/0) end)
    {:ok, state}
  end

  # The handshake went wrong: status 0, the success callback restarts the device, nothing was put in force.
  defp applied(:false_zero, state) do
    Machine.restart(Machine.get(:active))
    finish(state, "", 0)
  end

  # It comes up and does not confirm itself: the watchdog restarts into the old slot.
  defp applied(:rollback, state) do
    old = Machine.get(:active)
    update()
    Machine.restart(Machine.other(), fn -> later(:validate_after, fn -> Machine.restart(old) end) end)
    finish(state, success(), 0)
  end

  # It never comes up: the bootloader takes the old slot.
  defp applied(:never_up, state) do
    update()
    Machine.restart(Machine.get(:active))
    finish(state, success(), 0)
  end

  defp applied(_, state), do: {:ok, state}

  defp update, do: Machine.write_other(Machine.get(:new_uuid), Machine.get(:new_version))

  defp later(key, fun) do
    spawn(fn ->
      Process.sleep(Machine.get(key))
      fun.()
    end)
  end

  defp success, do: String.replace(@bar, "%s", "100%") <> "\nSuccess!\nElapsed time: 1.234 s\n"

  defp progress(state) do
    percent = div(state.bytes, 100_000)

    if percent > state.percent do
      send_text(state, String.replace(@bar, "%s", String.pad_leading("#{min(percent, 99)}%", 4)))
      %{state | percent: percent}
    else
      state
    end
  end

  defp last(bytes, count) when byte_size(bytes) <= count, do: bytes
  defp last(bytes, count), do: binary_part(bytes, byte_size(bytes), -count)

  defp send_text(state, text), do: :ssh_connection.send(state.connection, state.channel, text)

  defp finish(state, text, status) do
    send_text(state, text)
    :ssh_connection.exit_status(state.connection, state.channel, status)
    :ssh_connection.send_eof(state.connection, state.channel)
    {:stop, state.channel, %{state | done: true}}
  end
end

defmodule Listener do
  def start do
    dir = Machine.get(:dir)

    {:ok, daemon} =
      :ssh.daemon({127, 0, 0, 1}, Machine.get(:port, 0),
        id_string: :random,
        system_dir: to_charlist(Path.join(dir, "system")),
        user_dir: to_charlist(Path.join(dir, "user")),
        pwdfun: fn _user, password -> to_string(password) == Machine.get(:password) end,
        exec: {:direct, &Exec.run/1},
        shell: :disabled,
        subsystems: [{'fwup', {Fwup, []}}, :ssh_sftpd.subsystem_spec(cwd: '/')],
        # what nerves_ssh takes away
        modify_algorithms: [
          rm: [
            kex: [
              :"diffie-hellman-group-exchange-sha256",
              :"ecdh-sha2-nistp384",
              :"ecdh-sha2-nistp521",
              :"ecdh-sha2-nistp256"
            ],
            cipher: [
              client2server: [:"aes256-cbc", :"aes192-cbc", :"aes128-cbc", :"3des-cbc"],
              server2client: [:"aes256-cbc", :"aes192-cbc", :"aes128-cbc", :"3des-cbc"]
            ],
            mac: [
              client2server: [:"hmac-sha2-256", :"hmac-sha1-etm@openssh.com", :"hmac-sha1"],
              server2client: [:"hmac-sha2-256", :"hmac-sha1-etm@openssh.com", :"hmac-sha1"]
            ]
          ]
        ]
      )

    {:ok, info} = :ssh.daemon_info(daemon)
    Machine.put(:port, info[:port])
    Machine.put(:daemon, daemon)
  end

  def stop, do: :ssh.stop_daemon(Machine.get(:daemon))
end

[dir, settings] = System.argv()
{settings, _} = Code.eval_string(settings)
Machine.start([dir: dir] ++ settings)
Application.ensure_all_started(:ssh)
Listener.start()
IO.puts("port #{Machine.get(:port)}")

Enum.each(IO.stream(:stdio, :line), fn line ->
  case String.split(String.trim(line), " ", parts: 3) do
    ["set", key, value] -> Machine.put(String.to_atom(key), elem(Code.eval_string(value), 0))
    _ -> :ok
  end
end)

System.halt(0)
