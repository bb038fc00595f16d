package io.otp.autoconfigure.context;

import java.util.concurrent.ScheduledExecutorService;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.task.SimpleAsyncTaskSchedulerBuilder;
import org.springframework.boot.task.ThreadPoolTaskSchedulerBuilder;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * A scheduler of the context's own, with the properties of the root's, made when it is needed. That
 * of the root would keep what was scheduled here, cancelled or not, until its time has come, and
 * with it the whole context.
 */
@Configuration(proxyBeanMethods = false)
final class SchedulerConfiguration {

  @Bean
  @Lazy
  @ConditionalOnMissingBean(
      value = {TaskScheduler.class, ScheduledExecutorService.class},
      search = SearchStrategy.CURRENT)
  TaskScheduler taskScheduler(
      Environment environment,
      ObjectProvider<SimpleAsyncTaskSchedulerBuilder> virtual,
      ObjectProvider<ThreadPoolTaskSchedulerBuilder> pooled) {
    SimpleAsyncTaskSchedulerBuilder simple = virtual.getIfUnique();
    if (simple != null && Threading.VIRTUAL.isActive(environment)) {
      SimpleAsyncTaskScheduler scheduler = simple.build();
      return new ContextScheduler(scheduler, scheduler::close);
    }
    ThreadPoolTaskScheduler scheduler =
        pooled.getIfUnique(ThreadPoolTaskSchedulerBuilder::new).build();
    scheduler.initialize();
    return new ContextScheduler(scheduler, scheduler::shutdown);
  }
}
