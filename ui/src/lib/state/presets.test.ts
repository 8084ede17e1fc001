import { describe, expect, it } from 'vitest';
import { presetInUse, presetOf, settingsOf, withPreset } from './presets';
import { DEFAULTS } from './settings.svelte';

const web = { ...presetOf(DEFAULTS, 'Web'), mode: 'lossy', level: 70 } as const;

describe('presets', () => {
  it('take the place of one with the same name', () => {
    const print = presetOf(DEFAULTS, 'Print');
    const better = { ...web, level: 80 };
    expect(withPreset([web, print], better)).toEqual([better, print]);
    expect(withPreset([web], print)).toEqual([web, print]);
  });

  it('are in use when the settings say the same', () => {
    const settings = { ...DEFAULTS, presets: [web] };
    expect(presetInUse(settings)).toBeNull();
    expect(presetInUse({ ...settings, ...settingsOf(web) })).toBe(web);
    expect(presetInUse({ ...settings, ...settingsOf(web), level: 71 })).toBeNull();
    const lossless = { ...web, mode: 'lossless' } as const;
    const now = { ...settings, presets: [lossless], ...settingsOf(lossless), level: 3 };
    expect(presetInUse(now)).toBe(lossless);
  });
});
