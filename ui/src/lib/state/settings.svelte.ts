import { commands, type Commands } from '../ipc/commands';
import type { Settings } from '../ipc/types';

/** What Rust takes for granted when nothing was saved yet. */
export const DEFAULTS: Settings = {
  mode: 'balanced',
  level: 85,
  styles: [],
  output: { kind: 'suffix', suffix: 'min' },
  metadata: 'copyright',
  via: { kind: 'here' },
  effort: 'default',
  threads: null,
  theme: 'system',
  language: 'system',
  hidden_columns: [],
  min_saving: 0,
  keep_times: false,
  keep_backups_days: null,
  max_backup_bytes: null,
  max_pixels: null,
  max_seconds: null,
  include: [],
  exclude: [],
  flat: false,
  quiet: false,
  keep_in_tray: false,
  presets: [],
};

/**
 * The settings: shown at once, saved in the order in which they were changed. Only what was changed is
 * saved, for the command line may change others meanwhile.
 */
export class SettingsState {
  #value = $state.raw<Settings>(DEFAULTS);
  #saved: Settings = DEFAULTS;
  #saving: Promise<unknown> = Promise.resolve();
  #latest = 0;

  #ipc: Pick<Commands, 'changeSettings'>;
  #fail: (reason: unknown) => void;

  constructor(
    ipc: Pick<Commands, 'changeSettings'> = commands,
    fail: (reason: unknown) => void = () => {},
  ) {
    this.#ipc = ipc;
    this.#fail = fail;
  }

  get value(): Settings {
    return this.#value;
  }

  /** What results depend on; results made under another key are stale. */
  get key(): string {
    return settingsKey(this.#value);
  }

  load(settings: Settings): void {
    this.#value = settings;
    this.#saved = settings;
  }

  /** Shows a change without saving it yet, as while a slider is dragged. */
  preview(patch: Partial<Settings>): void {
    this.#value = { ...this.#value, ...patch };
  }

  change(patch: Partial<Settings>): void {
    this.#value = { ...this.#value, ...patch };
    const turn = ++this.#latest;
    this.#saving = this.#saving.then(async () => {
      try {
        this.#saved = await this.#ipc.changeSettings(patch);
      } catch (reason) {
        this.#fail(reason);
      }
      // Only the last change decides what is shown: the saved one, or what held before a failure.
      if (turn === this.#latest) this.#value = this.#saved;
    });
  }

  /** Waits until everything is saved: what the shell starts next must use it. */
  async settled(): Promise<void> {
    await this.#saving;
  }
}

export function settingsKey(settings: Settings): string {
  const { mode, level, output, styles, metadata, effort, via } = settings;
  // The limits only decide whether there is a result, never which: what failed at one can be tried again.
  const { min_saving, keep_times } = settings;
  return JSON.stringify([
    mode,
    mode === 'lossy' ? level : null,
    output,
    styles,
    metadata,
    effort,
    via,
    min_saving,
    keep_times,
  ]);
}
