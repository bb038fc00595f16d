package io.otp.port;

import io.otp.process.Pid;

/**
 * What is known of a port: {@code erlang:port_info/1}. Links and monitors are in {@link
 * io.otp.process.ProcessRuntime#info} of its pid.
 *
 * @param program the file that runs
 * @param osPid the program's process id
 * @param owner the connected process
 * @param input bytes read from the program, headers and line feeds included
 * @param output bytes written to the program
 * @param queued bytes that wait to be written
 * @param waiting callers that wait because the port is busy; one that has given up may still count
 *     until the next waits
 */
public record PortInfo(
    String program, long osPid, Pid owner, long input, long output, long queued, int waiting) {}
