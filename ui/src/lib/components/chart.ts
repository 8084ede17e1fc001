import type { ColumnTotal, Origin } from '../ipc/types';

/** The order in which origins are stacked, from the ground up. */
export const ORIGINS: readonly Origin[] = ['file', 'watch', 'url', 'api', 'cli', 'account'];

/** Round values for an axis from 0: steps of 1, 2 or 5 times a power of ten. */
export function axisTicks(largest: number, wanted = 4): number[] {
  if (!(largest > 0)) return [0];
  const rough = largest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  // A step below one byte means nothing.
  const whole = Math.max(step, 1);
  const steps = Math.ceil(largest / whole - 1e-9);
  return Array.from({ length: steps + 1 }, (_, index) => index * whole);
}

export interface Segment {
  origin: Origin;
  bytes: number;
  /** Bytes below it. */
  base: number;
}

export interface Column {
  /** A day, a month or a year. */
  date: string;
  images: number;
  total: number;
  segments: Segment[];
}

/** The days, months or years as stacked columns. */
export function columns(totals: readonly ColumnTotal[]): Column[] {
  return totals.map(({ date, images, saved }) => {
    const byOrigin = new Map(saved);
    let base = 0;
    const segments = ORIGINS.flatMap((origin) => {
      const bytes = byOrigin.get(origin) ?? 0;
      if (bytes <= 0) return [];
      const segment = { origin, bytes, base };
      base += bytes;
      return [segment];
    });
    return { date, images, total: base, segments };
  });
}

/** The origins that have anything to show. */
export function originsOf(columns: readonly Column[]): Origin[] {
  return ORIGINS.filter((origin) =>
    columns.some(({ segments }) => segments.some((segment) => segment.origin === origin)),
  );
}
