/**
 * In which order the bytes of a store reach the disk. For MVStore only, which makes the instances.
 */
@NullMarked
package io.otp.store.disk;

import org.jspecify.annotations.NullMarked;
