package io.otp.supervisor;

import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import io.otp.process.Pid;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Pids of no process. Only the runtime can make a {@link Pid}, so this adds a subclass to its
 * package; the plans need nothing of a pid but that it differs from others.
 */
final class TestPids {

  private static final MethodHandle NEW = constructor();

  private TestPids() {}

  /** A pid that differs from every other. */
  static Pid pid(long id) {
    try {
      return (Pid) NEW.invokeExact(id);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static MethodHandle constructor() {
    var pid = ClassDesc.of("io.otp.process.Pid");
    var init = MethodTypeDesc.of(CD_void, CD_long);
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.of("io.otp.process.TestPid"),
                type ->
                    type.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL)
                        .withSuperclass(pid)
                        .withMethodBody(
                            "<init>",
                            init,
                            ClassFile.ACC_PUBLIC,
                            code ->
                                code.aload(0)
                                    .lload(1)
                                    .invokespecial(pid, "<init>", init)
                                    .return_()));
    try {
      var lookup = MethodHandles.privateLookupIn(Pid.class, MethodHandles.lookup());
      return lookup
          .findConstructor(lookup.defineClass(bytes), MethodType.methodType(void.class, long.class))
          .asType(MethodType.methodType(Pid.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
