package io.otp.autoconfigure.actuate;

import java.util.Set;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The endpoint of tables.
 *
 * @param showValues When to show the keys and values of tables.
 * @param roles Roles that are authorized to see the keys and values, with
 *     show-values=when-authorized. Empty means any authenticated user.
 */
@ConfigurationProperties("management.endpoint.otptables")
public record TablesEndpointProperties(
    @DefaultValue("never") Show showValues, @DefaultValue Set<String> roles) {}
