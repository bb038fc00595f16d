#!/bin/bash
# Random processes do everything to each other, and the books must balance: otp-benchmarks/soak.sh --help
# Builds what it needs first; BENCHMARKS_CLASSPATH=… skips the build.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'EOF'
otp-benchmarks/soak.sh [minutes] [options]

  minutes         how long, 10 by default
  --seconds N     instead of minutes
  --slots N       schedulers of the runtime, 1 to 64; the number of processors by default
  --cpus N        processors that the JVM uses (-XX:ActiveProcessorCount)
  --processes N   how many live at a time, 300 by default
  --seed N        of the random numbers; the threads differ all the same

Exits with 0 if the books balance, with 1 if they do not, with 2 if nothing moves any more.
EOF
}

jvm=(-Xmx2g)
args=()
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --cpus) jvm+=("-XX:ActiveProcessorCount=$2"); shift 2 ;;
    *) args+=("$1"); shift ;;
  esac
done

. ./java25.sh
exec "$java" "${jvm[@]}" -cp "$BENCHMARKS_CLASSPATH" io.otp.soak.Soak "${args[@]}"
