#!/bin/sh
# Starts the Muster daemon: the confirmed version, one on trial, or, where nothing else starts, the first installation.
# Usage: muster-guard.sh        (MUSTER_PREFIX as the installation's; systemd and muster-supervise.sh start it)
#
# POSIX sh without Node, so that it works whatever was installed. Below opt/muster:
#   slots/a, slots/b, slots/factory   each with its own node
#   current                           link to the confirmed slot; only the daemon moves it, when a trial was passed
#   firmware/trial                    "SLOT STARTS SECONDS": a slot to be tried; written by the daemon
#   firmware/trial-starts             "COUNT BOOT": its starts so far, counted here before each
#   firmware/verdict                  why it was given up, in words; the next daemon reads it
#   firmware/starts                   starts of the confirmed slot after which no daemon came up; the daemon removes it
# A trial is given up when its runtime does not run, when it has spent its starts, when a start is not decided in time
# (it hangs), and when the machine was restarted under it: unconfirmed firmware may be why the power went, and a
# technician who switches off and on wants the old version. A trial that was ordered but never started is not given
# up: a power cut between the order and the first start costs nothing.
# Whatever is decided is on the disk before it is done; each step may be done again after a cut.
set -u
MUSTER_PREFIX=${MUSTER_PREFIX-}
export MUSTER_PREFIX
opt=$MUSTER_PREFIX/opt/muster
state=$opt/firmware
# Starts of the confirmed slot in a row without a daemon; then the first installation.
most_starts=5

say() { echo "muster-guard: $*" >&2; }

# Seconds of a clock that nobody sets.
uptime_s() { cut -d. -f1 /proc/uptime 2>/dev/null || date +%s; }

boot_id() {
  cat "$MUSTER_PREFIX/proc/sys/kernel/random/boot_id" 2>/dev/null ||
    cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown
}

# When a process was born (proc(5), field 22 of stat), so that its number given to another is noticed.
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

flush() { sync "$@" 2>/dev/null || sync; }

# Whole or not at all, and on the disk: FILE TEXT.
put() {
  printf '%s\n' "$2" >"$1.new" || return 1
  flush "$1.new"
  mv -f "$1.new" "$1" || return 1
  flush "${1%/*}"
}

# True when SLOT's runtime starts. A worn card may let it hang, hence the bound.
runs() {
  [ -s "$opt/slots/$1/muster-daemon.mjs" ] && [ -x "$opt/slots/$1/node" ] || return 1
  if timeout 30 true 2>/dev/null; then timeout 30 "$opt/slots/$1/node" --version >/dev/null 2>&1
  else "$opt/slots/$1/node" --version >/dev/null 2>&1; fi
}

# SLOT REASON. The words first: a verdict that is there already stays, it was cut while it was carried out.
give_up() {
  say "version in slot $1 is given up: $2"
  [ -s "$state/verdict" ] || put "$state/verdict" "$1
$2" || say 'the reason cannot be written down'
  end_trial
}

end_trial() {
  rm -f "$state/trial" "$state/trial-starts"
  flush "$state"
}

# Ends the process PID, born BORN, when the trial is still undecided after SECONDS. Apart from it, so that the daemon
# keeps the process number that systemd knows, and has no child it does not know.
watch() {
  (
    (
      end=$(($(uptime_s) + $3))
      while [ -f "$state/trial" ] && [ "$(born "$1")" = "$2" ]; do
        if [ "$(uptime_s)" -ge $end ]; then
          give_up "$4" "it hung: nothing was decided within $3 s"
          kill -KILL "$1"
          break
        fi
        sleep 1
      done
    ) &
  ) </dev/null >/dev/null 2>&1
}

# Becomes the daemon of SLOT.
become() {
  exec "$opt/slots/$1/node" "$opt/slots/$1/muster-daemon.mjs" run
}

try_trial() {
  slot= starts= seconds=
  read -r slot starts seconds <"$state/trial"
  case $slot in a | b | factory) ;; *) end_trial; return ;; esac
  case $starts in '' | *[!0-9]*) starts=1 ;; esac
  case $seconds in '' | *[!0-9]*) seconds=60 ;; esac
  # Cut right after it was confirmed.
  if [ "$(readlink "$opt/current")" = "slots/$slot" ]; then end_trial; return; fi
  # Cut while it was given up.
  if [ -s "$state/verdict" ]; then end_trial; return; fi
  count=0 boot=
  [ -r "$state/trial-starts" ] && read -r count boot <"$state/trial-starts"
  case $count in '' | *[!0-9]*) count=0 ;; esac
  now=$(boot_id)
  if [ "$count" -gt 0 ] && [ "$boot" != "$now" ]; then
    give_up "$slot" 'the device was switched off or restarted before it had proved itself'
  elif [ "$count" -ge "$starts" ]; then
    times="$count times"
    [ "$count" = 1 ] && times=once
    give_up "$slot" "it ended by itself, $times, before it had proved itself"
  elif ! put "$state/trial-starts" "$((count + 1)) $now"; then
    # What cannot be counted could be tried for ever.
    give_up "$slot" 'its start could not be written down'
  else
    say "version in slot $slot is on trial, start $((count + 1)) of $starts"
    # A little more than the daemon gives itself, which says why in better words.
    watch $$ "$(born $$)" $((seconds + seconds / 4 + 2)) "$slot"
    if runs "$slot"; then become "$slot"; fi
    give_up "$slot" 'its Node.js does not start on this device'
  fi
}

start_confirmed() {
  slot=$(readlink "$opt/current")
  slot=${slot#slots/}
  count=0
  [ -r "$state/starts" ] && read -r count <"$state/starts"
  case $count in '' | *[!0-9]*) count=0 ;; esac
  # Not flushed: a power cut is no fault of the version, and may take the count along.
  { mkdir -p "$state" && echo $((count + 1)) >"$state/starts"; } 2>/dev/null
  case $slot in
    a | b | factory)
      if [ "$count" -lt $most_starts ]; then
        if runs "$slot"; then become "$slot"; fi
        say "slot $slot does not start"
      else
        say "slot $slot was started $count times and no daemon came up"
      fi
      ;;
    *) say "there is no confirmed version" ;;
  esac
  if runs factory; then
    say 'the first installation is started instead'
    become factory
  fi
  [ "$slot" ] && become "$slot"
}

if [ -f "$state/trial" ]; then try_trial; fi
start_confirmed
say 'nothing here can be started'
exit 1
