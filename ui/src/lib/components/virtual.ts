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
