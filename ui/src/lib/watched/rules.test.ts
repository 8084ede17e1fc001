import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../state/settings.svelte';
import { describeRules, globs, rulesFrom } from './rules';

const rules = rulesFrom(DEFAULTS);

describe('rules of a watched folder', () => {
  it('begin with the settings of now, and take everything', () => {
    expect(rules).toMatchObject({ mode: 'balanced', output: DEFAULTS.output, recursive: true });
    expect(rules.include).toEqual([]);
    expect(rules.paused).toBe(false);
  });

  it('are told in one line', () => {
    expect(describeRules(rules)).toBe('Balanced · next to original');
    expect(
      describeRules({
        ...rules,
        mode: 'lossy',
        level: 70,
        styles: [
          { name: 'thumb', strategy: 'fit', width: 320, height: null },
          { name: 'pico', strategy: 'fit', width: 32, height: null },
        ],
        output: { kind: 'folder', path: '/home/ada/optimized' },
        recursive: false,
        include: ['*.png'],
        exclude: ['drafts'],
      }),
    ).toBe(
      'Lossy 70 · styles “thumb”, “pico” · into “optimized” · without subfolders · only *.png · without drafts',
    );
    expect(describeRules({ ...rules, output: { kind: 'in_place' } })).toBe(
      'Balanced · replace originals, backups kept',
    );
  });

  it('tell also of sizes, dates, metadata and effort where they are not the usual ones', () => {
    expect(
      describeRules({
        ...rules,
        min_bytes: 50_000,
        min_saving: 5,
        metadata: 'strip',
        effort: 'max',
        keep_times: true,
      }),
    ).toBe(
      'Balanced · next to original · from 50\u00a0KB · only if 5\u00a0% smaller · all metadata removed · maximum effort · dates of the originals',
    );
    expect(describeRules({ ...rules, metadata: 'keep', effort: 'fast' })).toBe(
      'Balanced · next to original · all metadata kept · fast',
    );
  });

  it('take patterns apart', () => {
    expect(globs(' *.png , ,exports/** ')).toEqual(['*.png', 'exports/**']);
    expect(globs('')).toEqual([]);
  });
});
