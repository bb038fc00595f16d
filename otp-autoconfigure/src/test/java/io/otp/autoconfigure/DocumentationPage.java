package io.otp.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page below {@code docs/}, which tests hold to the code. */
public final class DocumentationPage {

  private DocumentationPage() {}

  /** The text of the page. */
  public static String read(String name) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("docs/" + name))) {
      root = root.getParent();
    }
    try {
      return Files.readString(root.resolve("docs/" + name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
