/** What event managers and Spring's application events have to do with each other. */
@NullMarked
package io.otp.autoconfigure.event;

import org.jspecify.annotations.NullMarked;
