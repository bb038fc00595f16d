package io.otp.server;

import io.otp.process.Ref;
import io.otp.server.RequestIds.Labelled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A persistent treap: a search tree by age of the request, and a heap by {@code rank}, which is as
 * good as random, so that its depth is O(log n) whatever the order of insertion.
 */
final class Tree<R, L> {

  final Labelled<R, L> labelled;
  private final @Nullable Tree<R, L> left;
  private final @Nullable Tree<R, L> right;
  private final int size;

  private Tree(Labelled<R, L> labelled, @Nullable Tree<R, L> left, @Nullable Tree<R, L> right) {
    this.labelled = labelled;
    this.left = left;
    this.right = right;
    this.size = size(left) + 1 + size(right);
  }

  private Ref key() {
    return labelled.id().ref();
  }

  /** References are numbered: this is the finalizer of MurmurHash 3, which mixes all bits. */
  private int rank() {
    int h = key().hashCode();
    h = (h ^ (h >>> 16)) * 0x85ebca6b;
    h = (h ^ (h >>> 13)) * 0xc2b2ae35;
    return h ^ (h >>> 16);
  }

  static int size(@Nullable Tree<?, ?> tree) {
    return tree == null ? 0 : tree.size;
  }

  static <R, L> @Nullable Labelled<R, L> find(@Nullable Tree<R, L> tree, Ref key) {
    Tree<R, L> t = tree;
    while (t != null) {
      int order = key.compareTo(t.key());
      if (order == 0) {
        return t.labelled;
      }
      t = order < 0 ? t.left : t.right;
    }
    return null;
  }

  /** With {@code added}, whose key is not there yet. */
  static <R, L> Tree<R, L> add(@Nullable Tree<R, L> tree, Labelled<R, L> added) {
    if (tree == null) {
      return new Tree<>(added, null, null);
    }
    if (added.id().ref().compareTo(tree.key()) < 0) {
      Tree<R, L> child = add(tree.left, added);
      return child.rank() > tree.rank()
          ? new Tree<>(
              child.labelled, child.left, new Tree<>(tree.labelled, child.right, tree.right))
          : new Tree<>(tree.labelled, child, tree.right);
    }
    Tree<R, L> child = add(tree.right, added);
    return child.rank() > tree.rank()
        ? new Tree<>(child.labelled, new Tree<>(tree.labelled, tree.left, child.left), child.right)
        : new Tree<>(tree.labelled, tree.left, child);
  }

  /** Without {@code key}, which is there. */
  static <R, L> @Nullable Tree<R, L> remove(@Nullable Tree<R, L> tree, Ref key) {
    if (tree == null) {
      return null;
    }
    int order = key.compareTo(tree.key());
    return order == 0
        ? merge(tree.left, tree.right)
        : order < 0
            ? new Tree<>(tree.labelled, remove(tree.left, key), tree.right)
            : new Tree<>(tree.labelled, tree.left, remove(tree.right, key));
  }

  private static <R, L> @Nullable Tree<R, L> merge(
      @Nullable Tree<R, L> lower, @Nullable Tree<R, L> higher) {
    if (lower == null || higher == null) {
      return lower == null ? higher : lower;
    }
    return lower.rank() > higher.rank()
        ? new Tree<>(lower.labelled, lower.left, merge(lower.right, higher))
        : new Tree<>(higher.labelled, merge(lower, higher.left), higher.right);
  }

  static <R, L> void forEach(@Nullable Tree<R, L> tree, Consumer<? super Labelled<R, L>> visitor) {
    if (tree != null) {
      forEach(tree.left, visitor);
      visitor.accept(tree.labelled);
      forEach(tree.right, visitor);
    }
  }
}
