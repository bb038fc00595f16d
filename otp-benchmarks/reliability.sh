#!/bin/bash
# Load and fault tests that check themselves: otp-benchmarks/reliability.sh --help
# Builds what it needs first; BENCHMARKS_CLASSPATH=… skips the build.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'EOT'
otp-benchmarks/reliability.sh kills | timers | actuator | restarts [options]

  kills      10,000 random kills over three levels of 5,000 processes
  timers     1,000,000 timers, a part of them cancelled
  actuator   1,000,000 idle servers listed, sorted and paged through over HTTP
  restarts   1,000,000 restarts, and what grows with them

  --quick    a small one, within some 20 seconds
  --seed N   of the random numbers; threads differ all the same
  --heap N   of the JVM, such as 2g

Exits with 0 if every invariant holds, with 1 if one does not. docs/reliability.md says more.
EOT
}

case "${1:-}" in
  kills) class=Kills heap=1g ;;
  timers) class=Timers heap=2g ;;
  actuator) class=Actuator heap=3g ;;
  restarts) class=Restarts heap=512m ;;
  --help | -h) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
shift
args=()
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --heap) heap=$2; shift 2 ;;
    *) args+=("$1"); shift ;;
  esac
done

. ./java25.sh
exec "$java" "-Xmx$heap" -cp "$BENCHMARKS_CLASSPATH" "io.otp.reliability.$class" "${args[@]}"
