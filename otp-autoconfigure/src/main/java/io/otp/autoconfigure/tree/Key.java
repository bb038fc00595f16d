package io.otp.autoconfigure.tree;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * A key of the configuration, what it is set to and what is below it.
 *
 * <p>Names compare as everywhere in Boot: {@code my-tree}, {@code myTree} and the environment's
 * {@code MYTREE} are one, and so is {@code MY_TREE} where another source says {@code my-tree}. Keys
 * come in the order of their file, those of the source with the lowest precedence first: a profile
 * that overrides one value must not change the order in which things are started.
 */
final class Key {

  private final Environment environment;
  private final List<ConfigurationPropertySource> sources;
  private final ConfigurationPropertyName name;

  private Key(
      Environment environment,
      List<ConfigurationPropertySource> sources,
      ConfigurationPropertyName name) {
    this.environment = environment;
    this.sources = sources;
    this.name = name;
  }

  static Key of(Environment environment, String name) {
    var sources = new ArrayList<ConfigurationPropertySource>();
    ConfigurationPropertySources.get(environment).forEach(sources::add);
    return new Key(environment, sources, ConfigurationPropertyName.of(name));
  }

  /** The key {@code name} below this one. */
  Key child(String name) {
    return at(this.name.append(name));
  }

  private Key at(ConfigurationPropertyName name) {
    return new Key(environment, sources, name);
  }

  /** The last part of the name, as it is written in the configuration. */
  String last() {
    return name.getLastElement(Form.ORIGINAL);
  }

  /** Whether it is set, or anything below it. */
  boolean exists() {
    return property() != null || !found(Set.of()).isEmpty();
  }

  /**
   * The keys right below this one.
   *
   * @throws TreeConfigurationException if this one is set to a value of its own
   */
  List<Key> children() {
    ConfigurationProperty property = property();
    if (property != null && !String.valueOf(property.getValue()).isEmpty()) {
      throw new TreeConfigurationException(
          this
              + " is '"
              + property.getValue()
              + "', but it has keys below it and no value of its own.",
          "Remove the value of " + cited() + ", or indent what belongs below it.");
    }
    return List.copyOf(found(Set.of()).values());
  }

  /**
   * The elements of a list whose elements have {@code identity}. A source that sets it says what
   * the list is, and those with a lower precedence are not asked, as with every list in Boot.
   * Unlike there, a source that does not set it changes single values only.
   *
   * @throws TreeConfigurationException if an index is missing or this is no list
   */
  List<Key> elements(String identity) {
    var asked = new ArrayList<ConfigurationPropertySource>();
    for (ConfigurationPropertySource source : sources) {
      asked.add(source);
      if (below(source).stream().anyMatch(found -> sets(found, identity))) {
        break;
      }
    }
    List<Key> elements = new Key(environment, asked, name).children();
    var ordered = new ArrayList<Key>();
    for (int i = 0; i < elements.size(); i++) {
      String index = String.valueOf(i);
      ordered.add(
          elements.stream()
              .filter(
                  element -> element.name.isLastElementIndexed() && element.last().equals(index))
              .findFirst()
              .orElseThrow(() -> noList(elements, index)));
    }
    return ordered;
  }

  private TreeConfigurationException noList(List<Key> elements, String index) {
    return elements.stream().allMatch(element -> element.name.isLastElementIndexed())
        ? new TreeConfigurationException(
            this + " has no [" + index + "], but " + elements.getLast() + " is set.",
            "Number its elements from 0 without a gap.")
        : new TreeConfigurationException(
            this + " is no list: " + elements.getFirst() + " is set.",
            "Begin each of its elements with a dash, or with [0], [1], ….");
  }

  private boolean sets(ConfigurationPropertyName found, String identity) {
    int depth = name.getNumberOfElements();
    return found.getNumberOfElements() == depth + 2
        && found.getElement(depth + 1, Form.UNIFORM).equals(identity);
  }

  /**
   * Refuses keys below this one that nobody knows.
   *
   * @param known the last parts of those that may be set
   * @param what what this is the key of, for the text
   */
  void allow(String what, Set<String> known) {
    Map<String, String> allowed = known.stream().collect(Collectors.toMap(Key::uniform, k -> k));
    for (Map.Entry<String, Key> found : found(allowed.keySet()).entrySet()) {
      if (!allowed.containsKey(found.getKey())) {
        String name = found.getValue().last();
        List<String> sorted = known.stream().sorted().toList();
        throw new TreeConfigurationException(
            "'" + name + "' is not a property of " + what + ".",
            Suggestion.of(name, sorted)
                + "Known: "
                + String.join(", ", sorted)
                + ". Fix "
                + found.getValue().cited()
                + ".");
      }
    }
  }

  /**
   * What is found right below this key, by uniform name; an environment variable may spell a known
   * name in several parts.
   */
  private Map<String, Key> found(Set<String> known) {
    Map<String, Key> found = new LinkedHashMap<>();
    for (boolean environmentVariables : new boolean[] {false, true}) {
      for (ConfigurationPropertySource source : sources.reversed()) {
        if (isEnvironment(source) == environmentVariables) {
          below(source).forEach(name -> add(name, environmentVariables, known, found));
        }
      }
    }
    return found;
  }

  private void add(
      ConfigurationPropertyName below, boolean inParts, Set<String> known, Map<String, Key> found) {
    int depth = name.getNumberOfElements();
    var joined = new StringBuilder();
    for (int i = depth; inParts && i < below.getNumberOfElements(); i++) {
      joined.append(below.getElement(i, Form.UNIFORM));
      if (found.containsKey(joined.toString()) || known.contains(joined.toString())) {
        found.putIfAbsent(joined.toString(), at(below.chop(i + 1)));
        return;
      }
    }
    found.putIfAbsent(below.getElement(depth, Form.UNIFORM), at(below.chop(depth + 1)));
  }

  private List<ConfigurationPropertyName> below(ConfigurationPropertySource source) {
    return source instanceof IterableConfigurationPropertySource iterable
        ? iterable.stream().filter(name::isAncestorOf).toList()
        : List.of();
  }

  private static boolean isEnvironment(ConfigurationPropertySource source) {
    return source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
  }

  private static String uniform(String name) {
    return name.replace("-", "");
  }

  // --- values

  /** What it is set to, {@code null} if it is not. */
  @Nullable String text() {
    return value(String.class, "a text");
  }

  /**
   * What it is set to, {@code null} if it is not.
   *
   * @param allowed what it may be set to, for the text
   * @throws TreeConfigurationException if it is set to something else
   */
  <T> @Nullable T value(Class<T> type, String allowed) {
    try {
      return binder().bind(name, Bindable.of(type)).orElse(null);
    } catch (BindException e) {
      throw refused(allowed, List.of());
    }
  }

  /** What it is set to, {@code null} if it is not; one of {@code allowed}. */
  <E extends Enum<E>> @Nullable E choice(Class<E> type, List<E> allowed) {
    List<String> words = allowed.stream().map(Key::word).toList();
    E value;
    try {
      value = binder().bind(name, Bindable.of(type)).orElse(null);
    } catch (BindException e) {
      throw refused("one of " + String.join(", ", words), words);
    }
    if (value != null && !allowed.contains(value)) {
      throw refused("one of " + String.join(", ", words), List.of());
    }
    return value;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  TreeConfigurationException refused(String allowed, List<String> candidates) {
    ConfigurationProperty property = Objects.requireNonNull(property());
    return new TreeConfigurationException(
        this + " is '" + property.getValue() + "', which is not " + allowed + ".",
        Suggestion.of(String.valueOf(property.getValue()), candidates) + "Fix " + cited() + ".");
  }

  /**
   * Makes a {@code type} of what is set here and below. A key that the type has no place for is
   * refused by Boot's own exception.
   *
   * @param type bindable: a record of settings, a value, a list, a map
   */
  <T> BindResult<T> bind(Bindable<T> type) {
    return binder()
        .bind(
            name,
            type,
            new NoUnboundElementsBindHandler(
                BindHandler.DEFAULT, new UnboundElementsSourceFilter()));
  }

  private Binder binder() {
    return new Binder(sources, new PropertySourcesPlaceholdersResolver(environment));
  }

  /**
   * This key and where it, or else the first key below it, is set: {@code otp.x (class path
   * resource [a.yaml] - 3:7)}.
   */
  String cited() {
    return Stream.concat(
            Stream.ofNullable(property()), sources.stream().flatMap(this::propertiesBelow))
        .map(ConfigurationProperty::getOrigin)
        .filter(Objects::nonNull)
        .findFirst()
        .map(origin -> this + " (" + origin + ")")
        .orElseGet(this::toString);
  }

  private Stream<ConfigurationProperty> propertiesBelow(ConfigurationPropertySource source) {
    return below(source).stream().map(source::getConfigurationProperty).filter(Objects::nonNull);
  }

  private @Nullable ConfigurationProperty property() {
    return sources.stream()
        .map(source -> source.getConfigurationProperty(name))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    for (int i = 0; i < name.getNumberOfElements(); i++) {
      String element = name.getElement(i, Form.ORIGINAL);
      text.append(name.isNumericIndex(i) ? "[" + element + "]" : i == 0 ? element : "." + element);
    }
    return text.toString();
  }
}
