/** The endpoint {@code otptrace}: traces of chosen processes as a stream of server-sent events. */
@NullMarked
package io.otp.autoconfigure.trace;

import org.jspecify.annotations.NullMarked;
