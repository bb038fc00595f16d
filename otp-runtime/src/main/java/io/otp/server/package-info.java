/** Servers: {@code gen_server}, its callers and its life. */
@NullMarked
package io.otp.server;

import org.jspecify.annotations.NullMarked;
