package io.otp.store;

import io.otp.process.Pid;
import io.otp.table.TableType;
import java.nio.file.Path;
import java.util.List;

/**
 * What is known of a table on disk: {@code dets:info/1}.
 *
 * @param name its name
 * @param file where it is
 * @param type its type
 * @param size how many objects
 * @param fileSize bytes of the file, without what was not saved yet
 * @param users the processes that have it open, each once
 * @param key the shape of its keys
 * @param value the shape of its values
 * @param repaired whether it was repaired when it was opened
 */
public record DetsInfo(
    String name,
    Path file,
    TableType type,
    long size,
    long fileSize,
    List<Pid> users,
    String key,
    String value,
    boolean repaired) {}
