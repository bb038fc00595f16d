package io.otp.autoconfigure.context;

import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.config.TaskManagementConfigUtils;

/** {@code @Async} in the context of a supervisor, unless it enables it by itself. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(
    name = TaskManagementConfigUtils.ASYNC_ANNOTATION_PROCESSOR_BEAN_NAME,
    search = SearchStrategy.CURRENT)
@EnableAsync
final class AsyncConfiguration {}
