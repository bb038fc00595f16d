package io.otp.autoconfigure.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.otp.application.ApplicationInfo;
import io.otp.application.ApplicationSpec;
import io.otp.autoconfigure.report.BoundedText;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An application as endpoint {@code otpapplications} shows it.
 *
 * @param name its name
 * @param description one line about it, may be empty
 * @param version its version, may be empty
 * @param type {@code permanent}, {@code transient} or {@code temporary}; {@code null} if it was
 *     never started
 * @param status {@code loaded}, {@code starting}, {@code running}, {@code stopping} or {@code
 *     stopped}
 * @param dependencies what must run before it is started
 * @param optionalDependencies what is started before it if it is there
 * @param included applications whose trees it starts within its own
 * @param context the id of the application context that its top supervisor owns, {@code null} for
 *     none
 * @param supervisor the pid of its top supervisor, {@code null} if that does not run
 * @param startedAt when its last start was complete, {@code null} if it never was
 * @param lastExit why it ended by itself or did not start, {@code null} if it runs or was stopped
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ApplicationDescriptor(
    String name,
    String description,
    String version,
    @Nullable String type,
    String status,
    List<String> dependencies,
    List<String> optionalDependencies,
    List<String> included,
    @Nullable String context,
    @Nullable String supervisor,
    @Nullable Instant startedAt,
    @Nullable String lastExit) {

  private static final int MAX_REASON = 500;

  /**
   * All of them.
   *
   * @param applications those that run first, in start order
   */
  public record Applications(List<ApplicationDescriptor> applications) {}

  static ApplicationDescriptor of(ApplicationInfo info, @Nullable String context) {
    ApplicationSpec spec = info.spec();
    boolean runs =
        info.supervisor() != null
            && (info.running() || info.status() == ApplicationInfo.Status.STOPPING);
    return new ApplicationDescriptor(
        spec.name(),
        spec.description(),
        spec.version(),
        info.type() == null ? null : word(info.type()),
        word(info.status()),
        spec.applications(),
        spec.optionalApplications(),
        spec.includedApplications(),
        runs ? context : null,
        runs ? String.valueOf(info.supervisor()) : null,
        info.startedAt(),
        info.ended() == null ? null : BoundedText.of(info.ended(), MAX_REASON));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
