package io.otp.supervisor;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One child as {@code which_children} shows it, and how it has fared.
 *
 * @param id {@code null} for the children of a {@link Strategy#SIMPLE_ONE_FOR_ONE} supervisor
 * @param status whether it has a process
 * @param pid its process, {@code null} unless it is running
 * @param restart its restart type
 * @param type worker or supervisor
 * @param modules see {@link ChildSpec#modules()}
 * @param restarts how often its supervisor has started it again by itself
 * @param lastExit how it ended last, {@code null} if it never did; of a child without an id only if
 *     it was restarted
 */
public record ChildInfo(
    @Nullable String id,
    ChildStatus status,
    @Nullable Pid pid,
    Restart restart,
    ChildType type,
    List<String> modules,
    int restarts,
    @Nullable ExitReason lastExit) {}
