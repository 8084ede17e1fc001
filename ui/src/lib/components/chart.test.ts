import { describe, expect, it } from 'vitest';
import { axisTicks, columns, originsOf } from './chart';

describe('the axis', () => {
  it.each([
    [288e6, 3, [0, 100e6, 200e6, 300e6]],
    [300e6, 3, [0, 100e6, 200e6, 300e6]],
    [301e6, 3, [0, 200e6, 400e6]],
    [7, 4, [0, 2, 4, 6, 8]],
    [1, 4, [0, 1]],
    [0, 4, [0]],
    [Number.NaN, 4, [0]],
  ])('up to %d in about %d steps is round', (largest, wanted, ticks) => {
    expect(axisTicks(largest, wanted)).toEqual(ticks);
  });

  it('always reaches the largest value, in few steps', () => {
    for (let largest = 1; largest < 1e12; largest *= 1.37) {
      const ticks = axisTicks(largest, 3);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(largest * (1 - 1e-9));
      expect(ticks.length).toBeLessThanOrEqual(5);
    }
  });
});

describe('columns', () => {
  const months = [
    { date: '2026-10', images: 0, saved: [] },
    {
      date: '2026-11',
      images: 3,
      saved: [
        ['cli', 5],
        ['file', 10],
        ['url', 0],
      ] as ['cli' | 'file' | 'url', number][],
    },
  ];

  it('stack the origins in one order', () => {
    expect(columns(months)).toEqual([
      { date: '2026-10', images: 0, total: 0, segments: [] },
      {
        date: '2026-11',
        images: 3,
        total: 15,
        segments: [
          { origin: 'file', bytes: 10, base: 0 },
          { origin: 'cli', bytes: 5, base: 10 },
        ],
      },
    ]);
  });

  it('name only origins with something to show', () => {
    expect(originsOf(columns(months))).toEqual(['file', 'cli']);
  });
});
