package io.otp.autoconfigure.actuate;

import java.util.Set;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The endpoint of processes.
 *
 * @param showState When to show the state of a process, as its server's formatStatus shows it.
 * @param roles Roles that are authorized to see the state, with show-state=when-authorized. Empty
 *     means any authenticated user.
 */
@ConfigurationProperties("management.endpoint.otpprocesses")
public record ProcessesEndpointProperties(
    @DefaultValue("never") Show showState, @DefaultValue Set<String> roles) {}
