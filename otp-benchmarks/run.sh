#!/bin/bash
# Measures this runtime, Erlang and Pekko: otp-benchmarks/run.sh --help
# Builds what it needs first; BENCHMARKS_CLASSPATH=… skips the Java build.
set -euo pipefail
cd "$(dirname "$0")"

# A JDK 25, wherever it is.
for java_home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/25*; do
  "$java_home/bin/java" -version 2>&1 | grep -q 'version "25' && break
  java_home=
done
if [ -z "$java_home" ]; then
  echo "run.sh needs a JDK 25: set JAVA_HOME." >&2
  exit 1
fi

mkdir -p target/ebin
if [ -z "${BENCHMARKS_CLASSPATH:-}" ]; then
  (cd .. && mvn -q -B -ntp -DskipTests -pl otp-benchmarks -am package)
  BENCHMARKS_CLASSPATH=target/classes:$(cat target/dependencies.classpath)
fi
if command -v erlc >/dev/null; then
  erlc -Wall -o target/ebin src/main/erlang/*.erl
fi

exec "$java_home/bin/java" -XX:+UseSerialGC -Xmx64m -Dbenchmarks.target="$PWD/target" \
  -cp "$BENCHMARKS_CLASSPATH" io.otp.benchmarks.Driver "$@"
