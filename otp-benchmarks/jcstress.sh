#!/bin/bash
# The stress tests of the engine's protocols: otp-benchmarks/jcstress.sh --help
# Builds what it needs first; BENCHMARKS_CLASSPATH=… skips the build.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'EOF'
otp-benchmarks/jcstress.sh [--planted | --long] [jcstress options]

  (none)      every test for about three seconds: two minutes in all
  --long      every test in every way jcstress compiles and places it: an hour or more
  --planted   shows that a bug made on purpose is found

Options of jcstress follow, such as -t Mailbox for some tests or -v for what was observed.
Exits with 0 if nothing forbidden was observed (--planted: if it was). The report is in target/jcstress.
EOF
}

mode=quick
case "${1:-}" in
  --help | -h) usage; exit 0 ;;
  --planted | --long) mode=${1#--}; shift ;;
esac

. ./java25.sh
mkdir -p target/jcstress
cd target/jcstress
absolute=
IFS=: read -ra parts <<<"$BENCHMARKS_CLASSPATH"
for part in "${parts[@]}"; do
  case "$part" in
    /*) absolute+=$part: ;;
    *) absolute+=$PWD/../../$part: ;;
  esac
done
run=("$java" -cp "$absolute" org.openjdk.jcstress.Main -r "$PWD/report")
quick=(-f 1 -iters 3 -time 500 -sc false -af NONE -hs 256 -jvmArgs "-XX:+UseSerialGC")
select=(-t '^(?!.*Planted).*$')
case " $* " in *" -t "*) select=() ;; esac

case "$mode" in
  quick) exec "${run[@]}" "${quick[@]}" "${select[@]}" "$@" ;;
  long) exec "${run[@]}" -m default "${select[@]}" "$@" ;;
  planted)
    if "${run[@]}" "${quick[@]}" -t Planted "$@" >planted.log 2>&1; then
      cat planted.log
      echo "NOT FOUND: the planted bug" >&2
      exit 1
    fi
    grep 'Observed forbidden state' planted.log || { cat planted.log; exit 1; }
    echo "found: the planted bug"
    ;;
esac
