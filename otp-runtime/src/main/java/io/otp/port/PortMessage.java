package io.otp.port;

/**
 * What the owner of a port receives, as a plain message: in a server's {@code handleInfo} it is the
 * value of an {@link io.otp.process.Info.Message}.
 *
 * {@snippet :
 * return switch (info) {
 *   case Info.Message(PortMessage.Line(var port, var bytes, var eol)) ->
 *       noreply(state.with(bytes.text()));
 *   case Info.Message(PortMessage.ExitStatus(var port, var status)) ->
 *       stop(ExitReason.other("status " + status), state);
 *   default -> GenServer.super.handleInfo(info, state, self);
 * };
 * }
 */
public sealed interface PortMessage {

  /** Whose it is. */
  Port port();

  /**
   * The program wrote something: <code>{Port, {data, Data}}</code>.
   *
   * @param port whose it is
   * @param bytes a piece in {@link PortMode#STREAM}, else a packet without its header
   */
  record Data(Port port, Bytes bytes) implements PortMessage {}

  /**
   * The program wrote a line: <code>{Port, {data, {eol | noeol, Line}}}</code>.
   *
   * @param port whose it is
   * @param bytes without the line feed
   * @param eol {@code false} for a piece of a line that is too long, and for what comes before the
   *     end of the output without a line feed
   */
  record Line(Port port, Bytes bytes, boolean eol) implements PortMessage {}

  /**
   * The program ended by itself: <code>{Port, {exit_status, Status}}</code>; comes after all it
   * wrote.
   *
   * @param port whose it is
   * @param status 0 to 255; 128 and the number of the signal if that ended it
   */
  record ExitStatus(Port port, int status) implements PortMessage {}

  /**
   * There is no more output, and the port stays: <code>{Port, eof}</code>.
   *
   * @param port whose it is
   */
  record Eof(Port port) implements PortMessage {}

  /**
   * A command message was not obeyed because the port is busy; nothing of it was written.
   *
   * @param port whose it is
   * @param bytes what was to be written
   */
  record Refused(Port port, Bytes bytes) implements PortMessage {}

  /**
   * Answers {@link PortRequest.Connect}, to the old owner: <code>{Port, connected}</code>.
   *
   * @param port whose it is
   */
  record Connected(Port port) implements PortMessage {}

  /**
   * Answers {@link PortRequest.Close}: <code>{Port, closed}</code>.
   *
   * @param port whose it is
   */
  record Closed(Port port) implements PortMessage {}
}
