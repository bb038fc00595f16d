/** Processes, servers, event managers and supervisors as in Erlang/OTP. */
module io.otp.runtime {
  requires java.management;
  requires jdk.management;
  requires transitive org.jspecify;
  requires transitive org.slf4j;
  requires static ch.qos.logback.core;

  exports io.otp.application;
  exports io.otp.event;
  exports io.otp.load;
  exports io.otp.pool;
  exports io.otp.port;
  exports io.otp.process;
  exports io.otp.registry;
  exports io.otp.server;
  exports io.otp.stage;
  exports io.otp.statem;
  exports io.otp.supervisor;
  exports io.otp.table;
  exports io.otp.task;
  exports io.otp.trace;

  uses io.otp.event.EventSinkProvider;
}
