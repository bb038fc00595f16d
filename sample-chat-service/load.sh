#!/bin/bash
# Fills the service with clients that talk, and measures:
#   sample-chat-service/load.sh [connections] [rooms] [seconds] [messages per second] [--sigterm]
# By default 10000 connections in 200 rooms that say 500 messages a second for 20 seconds, each of which is delivered to the
# 50 members of its room. The service runs as a process of its own on free loopback ports; both processes need a file
# descriptor per connection. --sigterm then stops it: every client must see 1001 and the JVM must be gone within 10 s.
# Builds what it needs first; LOAD_SKIP_BUILD=1 skips that. LOAD_JAVA_OPTS are options of the service's JVM.
set -euo pipefail
cd "$(dirname "$0")"

# A JDK 25, wherever it is.
for java_home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/25*; do
  "$java_home/bin/java" -version 2>&1 | grep -q 'version "25' && break
  java_home=
done
if [ -z "$java_home" ]; then
  echo "load.sh needs a JDK 25: set JAVA_HOME." >&2
  exit 1
fi

connections=10000
[[ "${1:-}" =~ ^[0-9]+$ ]] && connections=$1
ulimit -n "$(ulimit -Hn)"
if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt $((connections + 500)) ]; then
  echo "load.sh needs $((connections + 500)) file descriptors and may have $(ulimit -n): raise ulimit -n or ask for fewer connections." >&2
  exit 1
fi

if [ -z "${LOAD_SKIP_BUILD:-}" ]; then
  (cd .. && mvn -q -B -ntp -DskipTests -pl sample-chat-service -am package)
fi
jar=$(ls target/sample-chat-service-*.jar | head -n 1)

# shellcheck disable=SC2086 # options are words
exec "$java_home/bin/java" -Xmx1g --enable-native-access=ALL-UNNAMED \
  -cp "target/test-classes:target/classes:$(cat target/test.classpath)" io.otp.sample.chat.LoadDriver "$@" \
  -- "$java_home/bin/java" ${LOAD_JAVA_OPTS:--Xmx1g} --enable-native-access=ALL-UNNAMED -jar "$jar"
