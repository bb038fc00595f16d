/** Spring Boot auto-configuration: the runtime as a bean. */
@NullMarked
package io.otp.autoconfigure;

import org.jspecify.annotations.NullMarked;
