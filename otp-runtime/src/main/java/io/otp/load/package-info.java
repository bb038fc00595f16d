/**
 * Admission: who may use something that can do only so much at a time. A regulator is asked before
 * the work is begun and admits, lets wait, or refuses with the time after which to come again. What
 * it decides is in pure functions ({@code CoDel}, {@code TokenBucket}); its process only keeps the
 * places and the queue.
 */
@NullMarked
package io.otp.load;

import org.jspecify.annotations.NullMarked;
