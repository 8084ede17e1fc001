/** Rows beyond the edges, so that scrolling does not uncover bare ground. */
const OVERSCAN = 6;

/** Which rows to draw: from `first` up to, not including, `end`. */
export function visibleRows(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): { first: number; end: number } {
  const top = Math.floor(Math.max(scrollTop, 0) / rowHeight);
  const bottom = Math.ceil((Math.max(scrollTop, 0) + height) / rowHeight);
  const end = Math.min(bottom + OVERSCAN, count);
  return { first: Math.max(Math.min(top - OVERSCAN, end), 0), end };
}

/** The scroll position that brings a row wholly into view, moving as little as possible. */
export function scrollToShow(
  index: number,
  scrollTop: number,
  height: number,
  rowHeight: number,
): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}

/**
 * Where the row with this key is now, or -1 when it is gone. Rows rarely move far, so the search begins
 * where it was.
 */
export function indexOfKey<K>(
  key: K,
  near: number,
  count: number,
  keyOf: (index: number) => K,
): number {
  const from = Math.max(Math.min(near, count - 1), 0);
  for (let step = 0; step <= Math.max(from, count - 1 - from); step += 1) {
    const [before, after] = [from - step, from + step];
    if (before >= 0 && before < count && keyOf(before) === key) return before;
    if (after < count && keyOf(after) === key) return after;
  }
  return -1;
}
