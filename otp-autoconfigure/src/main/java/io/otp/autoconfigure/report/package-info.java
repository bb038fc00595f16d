/** What becomes of reports: log lines, application events, and the latest ones kept for tools. */
@NullMarked
package io.otp.autoconfigure.report;

import org.jspecify.annotations.NullMarked;
