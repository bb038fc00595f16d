package io.otp.port;

import io.otp.process.Pid;

/**
 * What a port is told by messages, as in Erlang; the methods of {@link Port} do the same and
 * answer. Only the owner is obeyed: a request in another's name, or anything else that is sent to a
 * port, sends an exit signal {@code badsig} to the owner.
 *
 * {@snippet :
 * self.send(port.pid(), new PortRequest.Command(self.pid(), Bytes.utf8("quit\n")));
 * }
 */
public sealed interface PortRequest {

  /** Who asks. */
  Pid owner();

  /**
   * Write this to the program: <code>{Owner, {command, Data}}</code>. Where the port is busy,
   * {@link PortMessage.Refused} answers; where it is too long for a packet, the port closes with
   * {@code einval}.
   *
   * @param owner who asks
   * @param bytes what is written
   */
  record Command(Pid owner, Bytes bytes) implements PortRequest {}

  /**
   * Close: <code>{Owner, close}</code>; {@link PortMessage.Closed} answers.
   *
   * @param owner who asks
   */
  record Close(Pid owner) implements PortRequest {}

  /**
   * Belong to another process: <code>{Owner, {connect, Pid}}</code>; {@link PortMessage.Connected}
   * answers. The old owner stays linked.
   *
   * @param owner who asks
   * @param next the new owner; where it has ended, the port ends too
   */
  record Connect(Pid owner, Pid next) implements PortRequest {}
}
