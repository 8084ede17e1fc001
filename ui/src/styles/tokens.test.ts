import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
);

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string, theme: 'light' | 'dark'): number {
  const [a, b] = [one, other].map((name) => {
    const token = tokens.get(name);
    if (!token) throw new Error(`there is no colour --${name}`);
    return luminance(token[theme]);
  }) as [number, number];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const TEXT: [text: string, grounds: string[]][] = [
  ['text', ['bg', 'surface', 'sunken', 'hover', 'selected', 'accent-soft']],
  ['muted', ['bg', 'surface', 'sunken', 'hover', 'selected']],
  ['faint', ['bg', 'surface', 'sunken']],
  ['accent', ['bg', 'surface', 'hover', 'selected']],
  ['ink', ['accent', 'accent-hover']],
  ['bad', ['bg', 'surface', 'hover', 'selected', 'bad-soft']],
  ['warn', ['bg', 'hover', 'selected', 'warn-soft']],
];

/** What must be seen, but is not text. */
const SHAPES: [shape: string, grounds: string[]][] = [
  ['edge', ['bg', 'surface']],
  ['accent', ['bg', 'surface', 'sunken', 'accent-soft']],
  ['s1', ['surface']],
  ['s2', ['surface']],
  ['s3', ['surface']],
  ['s4', ['surface']],
  ['s5', ['surface']],
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(TEXT)('%s can be read (4.5 : 1)', (text, grounds) => {
    for (const ground of grounds)
      expect(contrast(text, ground, theme), `on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  it.each(SHAPES)('%s can be seen (3 : 1)', (shape, grounds) => {
    for (const ground of grounds)
      expect(contrast(shape, ground, theme), `on ${ground}`).toBeGreaterThanOrEqual(3);
  });
});
