package io.otp.autoconfigure.tree;

import org.springframework.beans.factory.BeanCreationException;

/** A supervision tree cannot be: what is wrong, where, and what would be right. */
public final class TreeConfigurationException extends BeanCreationException {

  private static final long serialVersionUID = 1L;

  private final String description;
  private final String action;

  TreeConfigurationException(String description, String action) {
    super(description + " " + action);
    this.description = description;
    this.action = action;
  }

  /** What is wrong. */
  public String description() {
    return description;
  }

  /** What to do. */
  public String action() {
    return action;
  }
}
