import { describe, expect, it } from 'vitest';
import { indexOfKey, scrollToShow, visibleRows } from './virtual';

describe('the visible rows', () => {
  it('are those on screen and a few more', () => {
    expect(visibleRows(0, 570, 57, 10_000)).toEqual({ first: 0, end: 16 });
    expect(visibleRows(57 * 5000, 570, 57, 10_000)).toEqual({ first: 4994, end: 5016 });
  });

  it('end with the last', () => {
    expect(visibleRows(57 * 9990, 570, 57, 10_000)).toEqual({ first: 9984, end: 10_000 });
    expect(visibleRows(0, 570, 57, 3)).toEqual({ first: 0, end: 3 });
    expect(visibleRows(0, 570, 57, 0)).toEqual({ first: 0, end: 0 });
  });

  it('stay within bounds when rows went away or the view is bounced', () => {
    expect(visibleRows(57 * 9990, 570, 57, 4)).toEqual({ first: 4, end: 4 });
    expect(visibleRows(-200, 570, 57, 4)).toEqual({ first: 0, end: 4 });
  });

  it('never leave a row on screen out', () => {
    for (let top = 0; top < 2000; top += 13) {
      const { first, end } = visibleRows(top, 301, 57, 100);
      expect(first * 57).toBeLessThanOrEqual(top);
      expect(end * 57).toBeGreaterThanOrEqual(Math.min(top + 301, 5700));
    }
  });
});

describe('showing a row', () => {
  it('scrolls as little as possible', () => {
    expect(scrollToShow(5, 0, 570, 57)).toBe(0);
    expect(scrollToShow(2, 400, 570, 57)).toBe(114);
    expect(scrollToShow(20, 0, 570, 57)).toBe(21 * 57 - 570);
  });
});

it('finds a row again wherever it went', () => {
  const keys = ['a', 'b', 'c', 'd', 'e'];
  const find = (key: string, near: number, count = keys.length) =>
    indexOfKey(key, near, count, (index) => keys[index]);
  for (const near of [-3, 0, 2, 4, 9]) {
    expect(keys.map((key) => find(key, near))).toEqual([0, 1, 2, 3, 4]);
    expect(find('x', near)).toBe(-1);
  }
  expect(find('e', 4, 4)).toBe(-1);
  expect(find('a', 0, 0)).toBe(-1);
});
