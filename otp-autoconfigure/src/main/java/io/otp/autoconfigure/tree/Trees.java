package io.otp.autoconfigure.tree;

import java.util.List;

/**
 * The trees that configuration declares; a holder, so that a list of them is not mistaken for a
 * collection of beans.
 */
record Trees(List<TreeDefinition.Application> applications) {

  static final String BEAN_NAME = "io.otp.autoconfigure.tree.Trees";
}
