#!/usr/bin/env bash
# Sourced: free ports, and processes that are known by id and by the folder that their command line names.
set -euo pipefail

dir='' # The folder of the control plane; also the working directory.
declare -A pids=()

# Makes an existing folder the one that all is about.
enter() {
  cd "$1"
  dir=$PWD
}

# True while somebody listens on port $1.
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints $1 free ports. Below the ephemeral range (from 32768): a client that reconnects to a port inside
# it while nobody listens there can be given that very port as its own, and then talks to itself.
free_ports() {
  local -A taken=()
  local port
  while ((${#taken[@]} < $1)); do
    port=$((20000 + RANDOM % 12000))
    [[ -n ${taken[$port]:-} ]] && continue
    listens "$port" && continue
    taken[$port]=1
    echo "$port"
  done
}

# start NAME COMMAND...: in a session of its own, so that Ctrl-C in the caller's terminal does not reach it.
start() {
  local name=$1
  shift
  setsid "$@" >>"$name.log" 2>&1 </dev/null &
  pids[$name]=$!
}

# True while process $1 is one that this folder started: a process id may have been used again.
runs() {
  [[ -n $1 ]] && grep -qzF -- "$dir/" "/proc/$1/cmdline" 2>/dev/null
}

# Ends a process and waits for it: SIGTERM, after 5 s SIGKILL.
stop() {
  local pid=$1 tries=50
  runs "$pid" || return 0
  kill "$pid"
  while runs "$pid"; do
    ((tries-- > 0)) || kill -KILL "$pid" 2>/dev/null || true
    sleep 0.1
  done
}

# Stops with the end of the log of a started process that has ended.
die_if_ended() {
  local name
  for name in "$@"; do
    kill -0 "${pids[$name]}" 2>/dev/null && continue
    tail -n 20 "$name.log" >&2
    die "$name ended; its log: $dir/$name.log"
  done
}
