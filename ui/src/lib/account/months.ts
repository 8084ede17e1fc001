import type { AccountRow, ColumnTotal, Origin } from '../ipc/types';

const OWN: readonly string[] = ['file', 'watch', 'url', 'cli', 'api'];

/** The account's rows as the last six months up to now, oldest first, with the bytes of each origin. */
export function monthsOf(
  rows: readonly Pick<AccountRow, 'origin' | 'size' | 'period'>[],
  now = new Date(),
): ColumnTotal[] {
  return [5, 4, 3, 2, 1, 0].map((ago) => {
    const date = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1));
    const sums = new Map<Origin, number>();
    for (const { origin, size, period } of rows) {
      if (period !== date.getUTCMonth() + 1) continue;
      // Labels of other programs are the account's own.
      const known: Origin = OWN.includes(origin) ? (origin as Origin) : 'account';
      sums.set(known, (sums.get(known) ?? 0) + (size ?? 0));
    }
    return { date: date.toISOString().slice(0, 7), saved: [...sums], images: 0 };
  });
}
