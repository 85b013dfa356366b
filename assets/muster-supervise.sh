#!/bin/sh
# Keeps the Muster daemon running where systemd does not: containers, virtual devices, accounts without root.
# Usage: muster-supervise.sh start|stop|restart|status     (MUSTER_PREFIX as the installation's)
# Restarts after 1, 2, 4 … 60 s; a life of more than 60 s makes the next wait short again. Survives the logout.
# POSIX sh. The pid file holds the supervisor's pid, the log at most about 2 MiB in two files.
set -u
umask 007
MUSTER_PREFIX=${MUSTER_PREFIX-}
export MUSTER_PREFIX
run=$MUSTER_PREFIX/run/muster
pid_file=$run/supervise.pid
log=$MUSTER_PREFIX/var/lib/muster/daemon.log
guard=$MUSTER_PREFIX/opt/muster/muster-guard.sh
longest_wait=60
max_log=1048576

# Seconds of a clock that nobody sets.
uptime_s() { cut -d. -f1 /proc/uptime 2>/dev/null || date +%s; }

# The pid of a living supervisor of this very installation; a pid that was given to another program is none.
supervisor() {
  [ -r "$pid_file" ] || return 1
  pid=$(cat "$pid_file")
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  kill -0 "$pid" 2>/dev/null || return 1
  if [ -r "/proc/$pid/cmdline" ]; then
    tr '\000' ' ' <"/proc/$pid/cmdline" | grep -q 'muster-supervise.sh supervise' || return 1
  fi
  printf '%s' "$pid"
}

supervise() {
  child=
  waiting=
  stopping=no
  trap 'stopping=yes; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null; [ -n "$waiting" ] && kill "$waiting" 2>/dev/null' TERM INT
  trap '' HUP
  wait_s=1
  # Where the installation is gone there is nothing left to keep running.
  while [ $stopping = no ] && [ -e "$guard" ]; do
    if [ "$(wc -c <"$log" 2>/dev/null || echo 0)" -gt $max_log ]; then mv -f "$log" "$log.1"; fi
    started=$(uptime_s)
    # The guard becomes the daemon: this is its process number too.
    sh "$guard" </dev/null >>"$log" 2>&1 &
    child=$!
    # A signal interrupts wait; the child is waited for until it is really gone.
    code=0
    while kill -0 "$child" 2>/dev/null; do
      wait "$child"
      code=$?
    done
    child=
    [ $stopping = no ] || break
    lived=$(($(uptime_s) - started))
    # 6: it wants to be started again.
    if [ $lived -gt $longest_wait ] || [ $code = 6 ]; then wait_s=1; fi
    echo "the daemon ended (exit $code) after $lived s, next start in $wait_s s" >>"$log"
    sleep $wait_s &
    waiting=$!
    wait $waiting
    waiting=
    wait_s=$((wait_s * 2))
    [ $wait_s -gt $longest_wait ] && wait_s=$longest_wait
  done
  rm -f "$pid_file"
}

start() {
  supervisor >/dev/null && return 0
  mkdir -p "$run"
  # A session of its own: the end of the login must not end it.
  if command -v setsid >/dev/null 2>&1; then
    setsid sh "$0" supervise </dev/null >/dev/null 2>&1 &
  else
    nohup sh "$0" supervise </dev/null >/dev/null 2>&1 &
  fi
  tries=0
  until supervisor >/dev/null; do
    tries=$((tries + 1))
    [ $tries -gt 50 ] && return 1
    sleep 0.1 2>/dev/null || sleep 1
  done
}

stop() {
  pid=$(supervisor) || return 0
  kill -TERM "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null; do
    tries=$((tries + 1))
    # The daemon has 15 s to close its journal, then it is killed with its children's supervisor.
    if [ $tries -gt 150 ]; then
      for child in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do kill -KILL "$child" 2>/dev/null; done
      kill -KILL "$pid" 2>/dev/null
      rm -f "$pid_file"
      return 0
    fi
    sleep 0.1 2>/dev/null || sleep 1
  done
}

case ${1-} in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  status) supervisor >/dev/null && echo running || { echo stopped && exit 3; } ;;
  supervise)
    echo $$ >"$pid_file.new" && mv -f "$pid_file.new" "$pid_file"
    supervise
    ;;
  *)
    echo "usage: $0 start|stop|restart|status" >&2
    exit 2
    ;;
esac
