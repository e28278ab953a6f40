#!/usr/bin/env bash
# What telemetry costs: the stack with the dashboard and all telemetry, and without, in turns on one machine.
#
#   bench/telemetry.sh [rounds] [seconds] [connections]        5 rounds of 8 seconds on 64 connections when nothing is said
#
# Needs wrk (Debian: apt-get install wrk) and what the stack needs itself. Everything is on loopback and stops with the script.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds="${1:-5}" seconds="${2:-8}" connections="${3:-64}" warmup=4
port="${PORT:-18080}"
appHost=FlaskStack.AppHost/bin/Release/net10.0/FlaskStack.AppHost
url="http://127.0.0.1:$port/"
work="$(mktemp -d)"
pid=""

command -v wrk > /dev/null || { echo "wrk is missing: install Debian's package wrk, or wrk of your system." >&2; exit 1; }

stop() {
  if [ -n "$pid" ]; then
    kill -TERM "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    pid=""
  fi
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Waits until a command succeeds, at most a minute.
await() {
  local end=$((SECONDS + 60))
  until "$@" > /dev/null 2>&1; do
    kill -0 "$pid" 2> /dev/null && [ "$SECONDS" -lt "$end" ] || { echo "The stack did not come up:" >&2; tail -n 5 "$work/log" >&2; exit 1; }
    sleep 0.1
  done
}

# CPU time of the stack so far, in ticks: the AppHost, everything below it, and what they have waited for.
ticks() {
  awk -v root="$pid" '
    { sub(/^.*\) /, ""); split(FILENAME, path, "/"); parent[path[3]] = $2; used[path[3]] = $12 + $13 + $14 + $15 }
    END {
      for (p in parent) {
        for (q = p; q != root && q in parent; q = parent[q]);
        if (q == root) sum += used[p]
      }
      print sum + 0
    }' /proc/[0-9]*/stat 2> /dev/null
}

# One round: starts the stack, warms it up, measures. Leaves requests per second and CPU microseconds per request in $work/result.
measure() {
  local expected="$1"; shift
  "$appHost" --Nginx:Port="$port" "$@" > "$work/log" 2>&1 &
  pid=$!
  await curl -sf "$url"
  [ "$expected" = off ] || await grep -q 'Login to the dashboard' "$work/log"
  wrk -t1 -c"$connections" -d"${warmup}s" "$url" > /dev/null
  local before after
  before="$(ticks)"
  wrk -t1 -c"$connections" -d"${seconds}s" "$url" > "$work/wrk"
  after="$(ticks)"
  stop
  if grep -Eq 'Non-2xx|Socket errors' "$work/wrk"; then
    echo "The load had errors, so its figures say nothing:" >&2
    cat "$work/wrk" >&2
    exit 1
  fi
  awk -v ticks="$((after - before))" -v hertz="$(getconf CLK_TCK)" '
    /requests in/ { count = $1 } /Requests\/sec/ { rate = $2 }
    END { printf "%.0f %.1f\n", rate, ticks / hertz * 1e6 / count }' "$work/wrk" > "$work/result"
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

dotnet build FlaskStack.AppHost -c Release -v quiet -nologo
for round in $(seq "$rounds"); do
  for mode in off on; do
    enabled=$([ "$mode" = on ] && echo true || echo false)
    measure "$mode" --Dashboard:Enabled="$enabled"
    read -r rate cpu < "$work/result"
    printf 'round %d  telemetry %-3s  %6d requests/s  %5.1f µs of CPU a request\n' "$round" "$mode" "$rate" "$cpu"
    echo "$rate" >> "$work/rate.$mode"
    echo "$cpu" >> "$work/cpu.$mode"
  done
done

awk -v off="$(median "$work/rate.off")" -v on="$(median "$work/rate.on")" -v cpuOff="$(median "$work/cpu.off")" -v cpuOn="$(median "$work/cpu.on")" 'BEGIN {
  printf "median   without %d requests/s at %.1f µs, with %d requests/s at %.1f µs: %.1f %% of the throughput is kept\n", off, cpuOff, on, cpuOn, 100 * on / off
}'
