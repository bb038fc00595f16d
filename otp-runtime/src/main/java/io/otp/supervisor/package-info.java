/** Supervisors: who is started in which order, restarted when, and given up. */
@NullMarked
package io.otp.supervisor;

import org.jspecify.annotations.NullMarked;
