# For the scripts beside it: sets `java` to that of a JDK 25, and BENCHMARKS_CLASSPATH, building what is on it unless it is set.

for java_home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/25*; do
  "$java_home/bin/java" -version 2>&1 | grep -q 'version "25' && break
  java_home=
done
if [ -z "$java_home" ]; then
  echo "$0 needs a JDK 25: set JAVA_HOME." >&2
  exit 1
fi
java=$java_home/bin/java

mkdir -p target
if [ -z "${BENCHMARKS_CLASSPATH:-}" ]; then
  (cd .. && mvn -q -B -ntp -DskipTests -pl otp-benchmarks -am package)
  BENCHMARKS_CLASSPATH=target/classes:$(cat target/dependencies.classpath)
fi
