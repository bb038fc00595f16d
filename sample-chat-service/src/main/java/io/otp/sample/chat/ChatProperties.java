package io.otp.sample.chat;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the chat. Every queue and table of the service has its bound here.
 *
 * @param maxRooms how many rooms there may be, open or remembered; beyond it the room that has been
 *     closed for longest is forgotten, and if all are open, no other is opened
 * @param maxMembers how many may be in a room
 * @param keep how many messages of a room are remembered, at least 100; the latest 100 are shown
 * @param memory about how much all remembered messages may take; beyond it the rooms that have been
 *     closed for longest are forgotten, and if all are open, the one that grows remembers less
 * @param emptyRoom how long a room without members stays open
 * @param absence how long a member may take to come back to a room that crashed before the others
 *     are told that it left
 * @param framesPerSecond how many frames a client may send in any second
 * @param outbox how much may wait for a client that reads too slowly
 * @param ping how often a client is asked whether it is still there; after three times without an
 *     answer the connection is closed
 * @param farewell how long a client may take to answer when the service closes the connection
 * @param moderation the directory where refusals are written to files, {@code null} for none
 * @param moderationFile how large such a file may become; five older ones are kept
 */
@ConfigurationProperties("chat")
record ChatProperties(
    @DefaultValue("10000") int maxRooms,
    @DefaultValue("5000") int maxMembers,
    @DefaultValue("1000") int keep,
    @DefaultValue("128MB") DataSize memory,
    @DefaultValue("60s") Duration emptyRoom,
    @DefaultValue("3s") Duration absence,
    @DefaultValue("20") int framesPerSecond,
    @DefaultValue("512KB") DataSize outbox,
    @DefaultValue("30s") Duration ping,
    @DefaultValue("3s") Duration farewell,
    @Nullable Path moderation,
    @DefaultValue("10MB") DataSize moderationFile) {

  ChatProperties {
    atLeast(1, maxRooms, "max-rooms");
    atLeast(1, maxMembers, "max-members");
    atLeast(MessageLog.SHOWN, keep, "keep");
    atLeast(1, framesPerSecond, "frames-per-second");
    atLeast(1, outbox.toBytes(), "outbox");
    atLeast(1, ping.toMillis(), "ping");
    atLeast(1, moderationFile.toBytes(), "moderation-file");
  }

  private static void atLeast(long least, long value, String property) {
    if (value < least) {
      throw new IllegalArgumentException(
          "chat." + property + " is " + value + ", it must be at least " + least);
    }
  }
}
