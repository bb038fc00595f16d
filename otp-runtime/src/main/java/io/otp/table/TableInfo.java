package io.otp.table;

import io.otp.process.Pid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a table: {@code ets:info/1}.
 *
 * @param id unique in its runtime
 * @param name as it was created or renamed
 * @param named whether it can be found by its name
 * @param type its type
 * @param access who may use it
 * @param owner the process it ends with
 * @param heir the process that takes it then, {@code null} for none
 * @param size how many objects; exact while nobody writes
 * @param memory an estimate in bytes, from a sample of the objects
 * @param fixed whether a traversal holds it
 * @param keyType the type of its keys
 * @param valueType the type of its values
 * @param indexes the parts that it has an index of
 */
public record TableInfo(
    long id,
    String name,
    boolean named,
    TableType type,
    TableAccess access,
    Pid owner,
    @Nullable Pid heir,
    long size,
    long memory,
    boolean fixed,
    Class<?> keyType,
    Class<?> valueType,
    List<String> indexes) {}
