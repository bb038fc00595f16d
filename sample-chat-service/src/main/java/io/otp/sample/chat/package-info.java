/** A chat service whose rooms and users are supervised processes. */
@NullMarked
package io.otp.sample.chat;

import org.jspecify.annotations.NullMarked;
