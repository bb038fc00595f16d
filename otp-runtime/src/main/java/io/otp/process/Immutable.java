package io.otp.process;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A promise that nothing can change an instance of this type or of any of its subtypes, for a type
 * of which the runtime cannot see that by itself. Records, enums and classes whose fields are all
 * final and immutable need no annotation.
 *
 * {@snippet :
 * @Immutable
 * public final class Digest {
 *   private final byte[] bytes;                       // an array: cannot be shown immutable
 *
 *   public Digest(byte[] bytes) { this.bytes = bytes.clone(); }
 *   public byte[] bytes() { return bytes.clone(); }
 * }
 * }
 *
 * <p>Type arguments still count: a {@code Tree<Entity>} is not immutable because {@code Tree} is
 * annotated. A type that cannot be annotated is named in {@code otp.messages.immutable-types}.
 *
 * <p>The annotations of the same name of Error Prone and JCIP are understood as well.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Immutable {}
