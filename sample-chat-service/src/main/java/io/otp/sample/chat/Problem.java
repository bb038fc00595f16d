package io.otp.sample.chat;

import com.fasterxml.jackson.annotation.JsonTypeName;

/**
 * Why something was not done; the body of an HTTP error too.
 *
 * @param code for programs, never changes
 * @param message for people
 */
@JsonTypeName("error")
record Problem(String code, String message) implements ServerFrame {}
