import type {
  Dashboard,
  Format,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
  Outcome,
  Period,
} from '../lib/ipc/types';

const FORMATS: Format[] = ['jpeg', 'png', 'gif', 'svg'];
const NAMES = ['launch-hero', 'lookbook-12', 'demo', 'team', 'icon-set', 'press-kit', 'screenshot'];
const FOLDERS = ['/home/ada/Sites/shop/assets', '/home/ada/Exports/Figma', '/home/ada/Pictures'];

/** Some hundred made-up lines, newest first. */
export function fakeHistory(lines: number): HistoryEntry[] {
  const now = Date.now();
  return Array.from({ length: lines }, (_, i): HistoryEntry => {
    const format = FORMATS[i % 4] ?? 'png';
    const outcome: Outcome =
      i % 13 === 4 ? 'failed' : i % 7 === 3 ? 'already_optimal' : 'optimized';
    const input = 80_000 + ((i * 104_729) % 6_000_000);
    const style = i % 9 === 5 ? 'thumb' : null;
    const path = `${FOLDERS[i % 3]}/${NAMES[i % 7]}-${i}.${format === 'jpeg' ? 'jpg' : format}`;
    const failed = outcome === 'failed';
    return {
      id: lines - i,
      created_at: new Date(now - i * 5_400_000).toISOString(),
      origin: i % 5 === 0 ? 'cli' : 'file',
      path,
      output: failed ? null : path,
      format,
      outcome,
      code: failed ? 'undecodable' : null,
      message: failed ? 'The file ends in the middle of its image data.' : null,
      mode: 'balanced',
      level: null,
      score: failed ? null : outcome === 'already_optimal' ? 100 : 84 + (i % 60) / 10,
      style,
      input_bytes: input,
      output_bytes: failed
        ? null
        : outcome === 'already_optimal'
          ? input
          : Math.round(input * (0.25 + (i % 10) / 20)),
      batch: `h${Math.floor(i / 6)}`,
      width: style ? 320 : 2400,
      height: style ? 213 : 1600,
      revertible: outcome === 'optimized' && i % 3 === 0 && style === null,
      reverted: outcome === 'optimized' && i % 11 === 2,
    };
  });
}

export function pageOf(lines: readonly HistoryEntry[], query: HistoryQuery): HistoryPage {
  const search = query.search.toLowerCase();
  const fitting = lines.filter(
    (line) =>
      line.path.toLowerCase().includes(search) &&
      (query.outcome === null || line.outcome === query.outcome) &&
      (query.format === null || line.format === query.format),
  );
  const end = query.limit === 0 ? undefined : query.offset + query.limit;
  return { entries: fitting.slice(query.offset, end), total: fitting.length };
}

export function fakeDashboard(empty: boolean, period: Period = 'six_months'): Dashboard {
  const now = new Date();
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const length = { month: 30, six_months: 6, all: 14 }[period];
  const dates = Array.from({ length }, (_, i) =>
    (period === 'month'
      ? new Date(Date.UTC(year, month, day - length + 1 + i))
      : new Date(Date.UTC(year, month - length + 1 + i, 1))
    )
      .toISOString()
      .slice(0, period === 'month' ? 10 : 7),
  );
  const MB = 1_000_000;
  const saved = [
    [52, 12, 0],
    [78, 20, 14],
    [44, 38, 9],
    [93, 41, 22],
    [124, 60, 31],
    [141, 72, 44],
  ];
  const format = (name: Format, images: number, input: number, output: number) => ({
    format: name,
    images,
    input_bytes: input * MB,
    output_bytes: output * MB,
    saved_bytes: (input - output) * MB,
  });
  const folder = (name: string, images: number, input: number, output: number) => ({
    folder: name,
    images,
    input_bytes: input * MB,
    output_bytes: output * MB,
    saved_bytes: (input - output) * MB,
  });
  return {
    stats: {
      original_images_count: empty ? 0 : 18_204,
      optimized_images_count: empty ? 0 : 59_581,
      input_bytes: empty ? 0 : 16_400 * MB,
      output_bytes: empty ? 0 : 6_790 * MB,
      saved_bytes: empty ? 0 : 9_610 * MB,
      by_format: [
        format('png', 6210, 7700, 2800),
        format('jpeg', 9981, 7300, 3700),
        format('gif', 214, 1250, 410),
        format('svg', 1799, 150, 42),
      ],
      by_folder: [
        folder('/home/ada/Sites/shop/assets', 8120, 7000, 2500),
        folder('/home/ada/Exports/Figma', 4011, 4100, 1800),
        folder(
          '/home/ada/Pictures/2026/press/a rather deeply nested folder/round two',
          902,
          2100,
          900,
        ),
      ],
      consumption: {
        type: 'six_months',
        data: Array.from({ length: 6 }, (_, i) => ({
          origin: 'file' as const,
          size: empty ? null : (800 + i * 140) * MB,
          saved: empty ? 0 : (420 + i * 70) * MB,
          period: new Date(Date.UTC(year, month - 5 + i, 1)).getUTCMonth() + 1,
        })),
      },
    },
    period,
    foreign: {
      images: 311,
      rows: [{ origin: 'account', size: 640 * MB, saved: 0, period: month + 1 }],
    },
    images_ever: empty ? 0 : 18_204,
    saved_ever: empty ? 0 : 9_610 * MB,
    columns: dates.map((date, i) => ({
      date,
      saved: [
        ['file', (saved[i % 6]?.[0] ?? 0) * MB],
        ['watch', (saved[i % 6]?.[1] ?? 0) * MB],
        ['cli', (saved[i % 6]?.[2] ?? 0) * MB],
      ],
      images: 200 + i * 55,
    })),
    images_this_month: 475,
    derivatives: 41_377,
    styles: 12,
    mean_score: 87.13,
    biggest_wins: [
      { path: '/a/launch-hero.png', input_bytes: 38.2 * MB, output_bytes: 2.1 * MB },
      { path: '/a/lookbook-12.jpg', input_bytes: 22.9 * MB, output_bytes: 3.4 * MB },
      { path: '/a/demo.gif', input_bytes: 18 * MB, output_bytes: 4.7 * MB },
    ],
  };
}
