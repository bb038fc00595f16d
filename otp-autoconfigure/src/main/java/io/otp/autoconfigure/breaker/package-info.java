/**
 * Circuit breakers as processes: resilience4j decides, one process owns what it has counted. Calls
 * to a server that go through a breaker are refused at once while it is open, and others can be
 * told when that changes.
 */
@NullMarked
package io.otp.autoconfigure.breaker;

import org.jspecify.annotations.NullMarked;
