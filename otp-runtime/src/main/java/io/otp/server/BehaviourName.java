package io.otp.server;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What reports and tools call a server that is itself a behaviour: a supervisor is a {@code
 * gen_server} underneath, and nobody wants to know. For those who write behaviours on top of
 * servers.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface BehaviourName {

  /** The name, in OTP's spelling. */
  String value();
}
