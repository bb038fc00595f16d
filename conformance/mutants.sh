#!/usr/bin/env bash
# Breaks rules on purpose and fails where no test notices: conformance/mutants.sh [--dry-run|--repeat N] [part of a mutant's name]...
# MUTANTS_CLASSPATH=… skips asking Maven for the test class path; MUTANTS_LOCK=file is locked (flock) while it works, two minutes at a time.
set -euo pipefail
cd "$(dirname "$0")/.."

for java_home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/25*; do
  "$java_home/bin/java" -version 2>&1 | grep -q 'version "25' && break
  java_home=
done
if [ -z "$java_home" ]; then
  echo "$0 needs a JDK 25: set JAVA_HOME." >&2
  exit 2
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/otp-mutants.XXXXXX")
trap 'rm -rf "$work"' EXIT
if [ -z "${MUTANTS_CLASSPATH:-}" ] && [ "${1:-}" != --dry-run ]; then
  mvn -q -B -ntp -pl otp-runtime dependency:build-classpath -Dmdep.outputFile="$work/classpath"
  # What otp-store needs besides: its own class path would need otp-runtime to be built.
  h2=com.h2database:h2-mvstore:$(sed -n 's|.*<h2-mvstore.version>\(.*\)</.*|\1|p' pom.xml)
  mvn -q -B -ntp -N dependency:copy -Dartifact="$h2" -DoutputDirectory="$work/libraries"
  MUTANTS_CLASSPATH=$(cat "$work/classpath"):$(ls "$work"/libraries/*.jar)
fi

"$java_home/bin/java" -XX:+UseSerialGC conformance/Mutants.java "$work" "${MUTANTS_CLASSPATH:-}" "$@"
