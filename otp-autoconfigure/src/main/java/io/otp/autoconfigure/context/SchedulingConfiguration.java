package io.otp.autoconfigure.context;

import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** {@code @Scheduled} in the context of a supervisor. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
final class SchedulingConfiguration {}
