package io.otp.autoconfigure.load;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;

/**
 * The paths of Actuator: an overloaded node must still tell that it lives, and what it does. Asked
 * for when the first request comes, since endpoints are beans that nobody else needs before.
 */
final class ActuatorPaths implements ExemptPaths {

  private final PathMappedEndpoints endpoints;
  private final String prefix;
  private volatile @Nullable List<String> paths;

  /**
   * @param prefix what all paths begin with, empty for nothing
   */
  ActuatorPaths(PathMappedEndpoints endpoints, String prefix) {
    this.endpoints = endpoints;
    this.prefix = prefix;
  }

  @Override
  public boolean test(String path) {
    List<String> known = paths;
    if (known == null) {
      paths = known = find();
    }
    for (String below : known) {
      if (path.startsWith(below)
          && (path.length() == below.length() || path.charAt(below.length()) == '/')) {
        return true;
      }
    }
    return false;
  }

  private List<String> find() {
    String base = endpoints.getBasePath();
    var found = new ArrayList<String>();
    if (base.isEmpty() || base.equals("/")) {
      endpoints.getAllPaths().forEach(path -> found.add(prefix + path));
    } else {
      found.add(prefix + base);
    }
    endpoints.stream().flatMap(ActuatorPaths::additional).forEach(path -> found.add(prefix + path));
    return List.copyOf(found);
  }

  private static Stream<String> additional(PathMappedEndpoint endpoint) {
    return Stream.of(WebServerNamespace.SERVER, WebServerNamespace.MANAGEMENT)
        .flatMap(namespace -> endpoint.getAdditionalPaths(namespace).stream());
  }
}
