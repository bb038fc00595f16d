/**
 * Supervisors that own an application context. A context lives exactly as long as an incarnation of
 * its supervisor, so that a restart gives fresh beans. Two bean scopes go with it: one instance per
 * incarnation, and one per process.
 */
@NullMarked
package io.otp.autoconfigure.context;

import org.jspecify.annotations.NullMarked;
