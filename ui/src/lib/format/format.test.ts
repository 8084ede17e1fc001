import { describe, expect, it } from 'vitest';
import { longSpan, shortSpan, when } from './dates';
import { axisBytes, bytes, percent, quality, savedPercent, timeLeft } from './numbers';
import { fileName, folder, formatFromName } from './paths';

/** Numbers are tied to their units by a no-break space. */
const tied = (text: string) => text.replaceAll(' ', '\u00a0');

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 KB'],
    [84_100, '84.1 KB'],
    [212_000, '212 KB'],
    [999_499, '999 KB'],
    [999_500, '1.00 MB'],
    [4_820_000, '4.82 MB'],
    [9_610_000_000, '9.61 GB'],
    [1e12, '1.00 TB'],
    [5e15, '5,000 TB'],
  ])('%d is %s', (size, text) => {
    expect(bytes(size)).toBe(tied(text));
  });

  it('on an axis are round, in one unit', () => {
    expect([0, 100e6, 300e6].map((n) => axisBytes(n, 300e6))).toEqual(
      ['0 MB', '100 MB', '300 MB'].map(tied),
    );
    expect(axisBytes(500e6, 1.5e9)).toBe(tied('0.5 GB'));
  });
});

describe('savings', () => {
  it.each([
    [4_820_000, 1_310_000, '−72.8 %'],
    [1000, 1000, '0 %'],
    [1_000_000, 999_999, '< 0.1 %'],
    [0, 0, '0 %'],
    [100, 150, '+50.0 %'],
  ])('from %d to %d are %s', (before, after, text) => {
    expect(savedPercent(before, after)).toBe(tied(text));
  });

  it('as a share have one decimal', () => {
    expect(percent(0.623)).toBe(tied('62.3 %'));
  });
});

it('only 100 is identical', () => {
  expect(quality(100)).toBe('Identical');
  expect(quality(99.7)).toBe(tied('Score 99'));
  expect(quality(85.6)).toBe(tied('Score 86'));
  expect(quality(null)).toBe('');
});

it.each([
  [4, 'a few seconds left'],
  [21, 'about 25 s left'],
  [58, 'about 1 min left'],
  [125, 'about 2 min left'],
  [3540, 'about 1 h left'],
  [5400, 'about 1.5 h left'],
])('%d seconds are %s', (seconds, text) => {
  expect(timeLeft(seconds).replaceAll('\u00a0', ' ')).toBe(text);
});

it('dates are as short as they can be', () => {
  const now = new Date(2026, 10, 24, 15, 0);
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts);
  expect(when(at(2026, 10, 24, 14, 2).toISOString(), now)).toBe('Today, 14:02');
  expect(when(at(2026, 10, 3, 9, 15).toISOString(), now)).toBe('Nov 3, 09:15');
  expect(when(at(2025, 10, 3, 9, 15).toISOString(), now)).toBe('Nov 3, 2025');
  expect(when('soon', now)).toBe('soon');
  expect([shortSpan('2026-06'), longSpan('2026-06')]).toEqual(['Jun', 'June 2026']);
  expect([shortSpan('2026-06-07'), longSpan('2026-06-07')]).toEqual(['7', 'June 7, 2026']);
  expect([shortSpan('2026'), longSpan('2026')]).toEqual(['2026', '2026']);
  expect(shortSpan('2026-06-07', true)).toBe('Jun 7');
  expect(shortSpan('2026-06', true)).toBe('Jun');
});

it('paths are taken apart, of both kinds of system', () => {
  expect([fileName('/a/b/c.png'), folder('/a/b/c.png')]).toEqual(['c.png', '/a/b']);
  expect([fileName('C:\\a\\c.png'), folder('C:\\a\\c.png')]).toEqual(['c.png', 'C:\\a']);
  expect([fileName('/c.png'), folder('/c.png')]).toEqual(['c.png', '/']);
  expect(fileName('c.png')).toBe('c.png');
});

it('a name promises a format', () => {
  expect(formatFromName('/a/b.JPG')).toBe('jpeg');
  expect(formatFromName('/a.png/b')).toBeNull();
  expect(formatFromName('/a/b.svgz')).toBe('svg');
});
