import { commands, type Commands } from '../ipc/commands';
import type { WatchActivity, WatchedFolder, WatchRules, WatchStatus } from '../ipc/types';
import { sentence } from '../messages/said';

type WatchCommands = Pick<
  Commands,
  | 'watchedFolders'
  | 'addWatchedFolder'
  | 'changeWatchedFolder'
  | 'removeWatchedFolder'
  | 'watchActivity'
>;

/** The watched folders: by which rules, how they are doing, and what became of their images. */
export class WatchedState {
  #folders = $state.raw<readonly WatchedFolder[] | null>(null);
  #problem = $state<string | null>(null);
  #status = $state.raw<ReadonlyMap<number, WatchStatus>>(new Map());
  #activity = $state.raw<ReadonlyMap<number, WatchActivity>>(new Map());
  #stale = $state(true);
  #ipc: WatchCommands;

  constructor(ipc: WatchCommands = commands) {
    this.#ipc = ipc;
  }

  /** In the order in which they were added; null while nobody knows. */
  get folders(): readonly WatchedFolder[] | null {
    return this.#folders;
  }

  /** Why they are not known. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Whether images ended since the activity was fetched. */
  get isStale(): boolean {
    return this.#stale;
  }

  status(id: number): WatchStatus | undefined {
    return this.#status.get(id);
  }

  activity(id: number): WatchActivity | undefined {
    return this.#activity.get(id);
  }

  async load(): Promise<void> {
    try {
      this.#folders = await this.#ipc.watchedFolders();
      this.#problem = null;
    } catch (reason) {
      this.#folders = [];
      this.#problem = sentence(reason);
    }
  }

  async loadActivity(): Promise<void> {
    this.#stale = false;
    const today = new Date();
    today.setHours(0, 0, 0, 0);
    const list = await this.#ipc.watchActivity(today.getTime());
    this.#activity = new Map(list.map((activity) => [activity.id, activity]));
  }

  /** Takes notice of how a folder is doing. */
  told(status: WatchStatus): void {
    this.#status = new Map(this.#status).set(status.id, status);
  }

  markStale(): void {
    this.#stale = true;
  }

  /**
   * Asks for a folder. It is paused at first: nothing is taken before its rules were looked at.
   */
  async add(rules: WatchRules): Promise<WatchedFolder | null> {
    const added = await this.#ipc.addWatchedFolder({ ...rules, paused: true });
    if (added) this.#folders = [...(this.#folders ?? []), added];
    return added;
  }

  async change(id: number, patch: Partial<WatchRules>): Promise<void> {
    const folder = this.#folders?.find((folder) => folder.id === id);
    if (!folder) return;
    const rules = { ...folder.rules, ...patch };
    await this.#ipc.changeWatchedFolder(id, rules);
    this.#folders = (this.#folders ?? []).map((other) =>
      other.id === id ? { ...other, rules } : other,
    );
  }

  async remove(id: number): Promise<void> {
    await this.#ipc.removeWatchedFolder(id);
    this.#folders = (this.#folders ?? []).filter((folder) => folder.id !== id);
  }
}
