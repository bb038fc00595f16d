#!/bin/bash
# Fills the service with clients that talk, and measures:
#   sample-chat-service/load.sh [connections] [rooms] [seconds] [messages per second] [--sigterm]
# By default 10000 connections in 200 rooms that say 500 messages a second for 20 seconds, each of which is delivered to the
# 50 members of its room. The service runs as a process of its own on free loopback ports; both processes need a file
# descriptor per connection. --sigterm then stops it: every client must see 1001 and the JVM must be gone within 10 s.
# LOAD_JAVA_OPTS are options of the service's JVM, MAVEN_ARGS those of Maven (-o when everything has been downloaded).
set -euo pipefail
cd "$(dirname "$0")/.."

connections=10000
[[ "${1:-}" =~ ^[0-9]+$ ]] && connections=$1
ulimit -n "$(ulimit -Hn)"
if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt $((connections + 500)) ]; then
  echo "load.sh needs $((connections + 500)) file descriptors and may have $(ulimit -n): raise ulimit -n or ask for fewer connections." >&2
  exit 1
fi

# Maven knows the class path and where a JDK 25 is. shellcheck disable=SC2086 # options are words
exec mvn ${MAVEN_ARGS:-} -q -B -ntp -pl sample-chat-service -am spring-boot:test-run \
  -Dspring-boot.run.main-class=io.otp.sample.chat.LoadDriver \
  -Dspring-boot.run.optimizedLaunch=false \
  -Dspring-boot.run.arguments="$*"
