/**
 * Supervision trees of a Spring application: read from configuration or beans, started and stopped
 * with the context.
 */
@NullMarked
package io.otp.autoconfigure.tree;

import org.jspecify.annotations.NullMarked;
