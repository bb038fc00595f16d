package io.otp.benchmarks;

/** What a figure means and whether a large one is good. */
enum Unit {
  NANOS_PER_CALL("ns/call"),
  NANOS_PER_MESSAGE("ns/message"),
  NANOS_PER_ROUND_TRIP("ns/round-trip"),
  NANOS_PER_PROCESS("ns/process"),
  NANOS_PER_HOP("ns/hop"),
  RESTARTS_PER_SECOND("restarts/s"),
  BYTES_PER_SERVER("B/server");

  private final String label;

  Unit(String label) {
    this.label = label;
  }

  /** The figure in this unit; contenders report nanoseconds per operation, or bytes. */
  double from(double reported) {
    return this == RESTARTS_PER_SECOND ? 1e9 / reported : reported;
  }

  /** How many times better {@code own} is than {@code peer}. */
  double ratio(double own, double peer) {
    return this == RESTARTS_PER_SECOND ? own / peer : peer / own;
  }

  @Override
  public String toString() {
    return label;
  }
}
