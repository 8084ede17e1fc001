import { expect, it, vi } from 'vitest';
import { quietCommands } from '../../test/samples';
import { DEFAULTS, settingsKey, SettingsState } from './settings.svelte';

it('shows a change at once and saves it', async () => {
  const ipc = quietCommands();
  const settings = new SettingsState(ipc);
  settings.change({ mode: 'lossy' });
  expect(settings.value.mode).toBe('lossy');
  await settings.settled();
  expect(ipc.changeSettings).toHaveBeenCalledExactlyOnceWith({ mode: 'lossy' });
});

it('saves changes one after the other, and the last one holds', async () => {
  const ipc = quietCommands();
  const settings = new SettingsState(ipc);
  settings.change({ level: 20 });
  settings.change({ level: 30 });
  settings.change({ theme: 'dark' });
  await settings.settled();
  // Nothing else is saved: somebody else may have changed it meanwhile.
  expect(ipc.changeSettings.mock.calls).toEqual([
    [{ level: 20 }],
    [{ level: 30 }],
    [{ theme: 'dark' }],
  ]);
  expect(settings.value).toMatchObject({ level: 30, theme: 'dark' });
});

it('does not save what is only shown while dragging', () => {
  const ipc = quietCommands();
  const settings = new SettingsState(ipc);
  settings.preview({ level: 12 });
  expect(settings.value.level).toBe(12);
  expect(ipc.changeSettings).not.toHaveBeenCalled();
});

it('goes back to what is saved when saving fails, and says so', async () => {
  const ipc = quietCommands();
  const fail = vi.fn();
  const settings = new SettingsState(ipc, fail);
  settings.change({ level: 40 });
  await settings.settled();
  ipc.changeSettings.mockRejectedValueOnce('The disk is full.');
  settings.change({ level: 50 });
  await settings.settled();
  expect(settings.value.level).toBe(40);
  expect(fail).toHaveBeenCalledExactlyOnceWith('The disk is full.');
});

it('has a key that changes with what results depend on, and only with that', () => {
  const key = settingsKey(DEFAULTS);
  expect(settingsKey({ ...DEFAULTS, theme: 'dark', threads: 3 })).toBe(key);
  // A result was within the limits, and would be the same within others.
  expect(settingsKey({ ...DEFAULTS, max_pixels: 9, max_seconds: 9 })).toBe(key);
  // The level means nothing outside lossy.
  expect(settingsKey({ ...DEFAULTS, level: 3 })).toBe(key);
  const lossy = settingsKey({ ...DEFAULTS, mode: 'lossy' });
  const changes = [
    lossy,
    settingsKey({ ...DEFAULTS, mode: 'lossy', level: 3 }),
    settingsKey({ ...DEFAULTS, output: { kind: 'in_place' } }),
    settingsKey({ ...DEFAULTS, metadata: 'keep' }),
    settingsKey({ ...DEFAULTS, effort: 'max' }),
    settingsKey({ ...DEFAULTS, min_saving: 5 }),
    settingsKey({ ...DEFAULTS, keep_times: true }),
    settingsKey({
      ...DEFAULTS,
      styles: [{ name: 'a', strategy: 'fit', width: 1, height: null }],
    }),
  ];
  expect(new Set([key, ...changes]).size).toBe(changes.length + 1);
});
