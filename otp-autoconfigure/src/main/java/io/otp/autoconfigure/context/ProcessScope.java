package io.otp.autoconfigure.context;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.annotation.AliasFor;

/**
 * One instance per process: made when code of the process uses the bean for the first time,
 * destroyed when the process has ended. In the root and in contexts of supervisors.
 *
 * {@snippet :
 * @Component
 * @ProcessScope
 * class Connection implements AutoCloseable {     // each process that uses it has its own
 *   public void close() {}
 * }
 * }
 *
 * <p>What is injected is a proxy that leads each process to its own instance; used outside a
 * process it throws and says so. The instance is destroyed on another thread than the process's, a
 * little after its end, and before the context of the bean is closed. How many there may be at once
 * is {@code otp.process-scope.max-instances}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Scope(ProcessScope.NAME)
public @interface ProcessScope {

  /** The name of the scope. */
  String NAME = "process";

  /** How the proxy is made; by default a subclass of the bean's class. */
  @AliasFor(annotation = Scope.class)
  ScopedProxyMode proxyMode() default ScopedProxyMode.TARGET_CLASS;
}
