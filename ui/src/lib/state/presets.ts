import type { Preset, Settings } from '../ipc/types';

/** What a preset sets. */
export function settingsOf(preset: Preset): Omit<Preset, 'name'> {
  const { mode, level, styles, output, metadata, via } = preset;
  return { mode, level, styles, output, metadata, via };
}

/** The settings of now under a name. */
export function presetOf(settings: Settings, name: string): Preset {
  const { mode, level, styles, output, metadata, via } = settings;
  return { name, mode, level, styles, output, metadata, via };
}

/** Adds a preset; one of the same name is replaced where it stands. */
export function withPreset(presets: readonly Preset[], preset: Preset): Preset[] {
  const known = presets.some(({ name }) => name === preset.name);
  return known
    ? presets.map((other) => (other.name === preset.name ? preset : other))
    : [...presets, preset];
}

/** The preset that says what the settings say, if any. The level counts only where it is used. */
export function presetInUse(settings: Settings): Preset | null {
  const key = ({ mode, level, styles, output, metadata, via }: Omit<Preset, 'name'>) =>
    JSON.stringify([mode, mode === 'lossy' ? level : null, styles, output, metadata, via]);
  const now = key(settings);
  return settings.presets.find((preset) => key(preset) === now) ?? null;
}
