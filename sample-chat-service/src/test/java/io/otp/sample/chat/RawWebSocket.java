package io.otp.sample.chat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** A WebSocket client that can send what a well-behaved one does not. */
final class RawWebSocket implements AutoCloseable {

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  private RawWebSocket(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(60_000);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = socket.getOutputStream();
  }

  static RawWebSocket open(int port, String room, String user) throws IOException {
    var raw = new RawWebSocket(new Socket("127.0.0.1", port));
    raw.out.write(
        ("GET "
                + ChatClient.uri(port, room, user).getRawPath()
                + "?user="
                + user
                + " HTTP/1.1\r\n"
                + "Host: 127.0.0.1\r\n"
                + "Upgrade: websocket\r\n"
                + "Connection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    var head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      head.write(raw.in.readByte());
    }
    if (!head.toString(StandardCharsets.US_ASCII).startsWith("HTTP/1.1 101 ")) {
      throw new IOException("No upgrade: " + head);
    }
    return raw;
  }

  /** Sends one text frame of that many bytes, which is no JSON. */
  void sendText(int length) throws IOException {
    var header = ByteBuffer.allocate(14).put((byte) 0x81).put((byte) (0x80 | 127)).putLong(length);
    out.write(header.putInt(0).array()); // a mask of zeros changes nothing
    byte[] payload = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
    try {
      out.write(payload);
    } catch (IOException e) {
      // the server has closed already; what it said before that can be read
    }
  }

  void sendPing(String text) throws IOException {
    send(9, text.getBytes(StandardCharsets.UTF_8));
  }

  void sendClose(int code) throws IOException {
    send(8, ByteBuffer.allocate(2).putShort((short) code).array());
  }

  /** Sends a frame of less than 126 bytes. */
  private void send(int opcode, byte[] payload) throws IOException {
    out.write(
        ByteBuffer.allocate(6 + payload.length)
            .put((byte) (0x80 | opcode))
            .put((byte) (0x80 | payload.length))
            .putInt(0)
            .put(payload)
            .array());
  }

  /** Reads until a pong comes. */
  String readPong() throws IOException {
    for (; ; ) {
      Frame frame = read();
      if (frame.opcode == 10) {
        return new String(frame.payload, StandardCharsets.UTF_8);
      }
    }
  }

  /** Reads until a close frame comes. */
  int readCloseCode() throws IOException {
    for (; ; ) {
      Frame frame = read();
      if (frame.opcode == 8) {
        return ByteBuffer.wrap(frame.payload).getShort();
      }
    }
  }

  /** Reads until such a text frame comes. */
  String readText(Predicate<String> wanted) throws IOException {
    for (; ; ) {
      Frame frame = read();
      String text = new String(frame.payload, StandardCharsets.UTF_8);
      if (frame.opcode == 1 && wanted.test(text)) {
        return text;
      }
    }
  }

  private record Frame(int opcode, byte[] payload) {}

  private Frame read() throws IOException {
    int opcode = in.readUnsignedByte() & 0x0f;
    int length = in.readUnsignedByte();
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = Math.toIntExact(in.readLong());
    }
    var payload = new byte[length];
    in.readFully(payload);
    return new Frame(opcode, payload);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
