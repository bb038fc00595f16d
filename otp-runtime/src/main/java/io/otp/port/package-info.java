/**
 * Ports: external programs as processes. A port starts a program without a shell, turns what it
 * writes into messages to the owner and what it is sent into input of the program, with bounds both
 * ways. A port ends with its owner and takes the program, and what that started, with it.
 */
@NullMarked
package io.otp.port;

import org.jspecify.annotations.NullMarked;
