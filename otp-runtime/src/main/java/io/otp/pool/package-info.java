/**
 * Pools of workers, after poolboy. A pool is a server that lends its workers to one client at a
 * time, starts a few more while there are more clients than workers, and replaces those that end.
 */
@NullMarked
package io.otp.pool;

import org.jspecify.annotations.NullMarked;
