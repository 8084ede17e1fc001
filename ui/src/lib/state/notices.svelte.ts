import { thrown } from '../messages/said';

export interface Notice {
  id: number;
  kind: 'info' | 'error';
  text: string;
  /** A second, quieter line. */
  detail?: string;
}

/** How long something that only informs stays on screen. */
const INFO_STAYS = 8000;

/** Short messages that lie over the window until they are read. */
export class Notices {
  #list = $state.raw<Notice[]>([]);
  #next = 1;

  get list(): readonly Notice[] {
    return this.#list;
  }

  info(text: string, detail?: string): void {
    const id = this.#add({ kind: 'info', text, ...(detail ? { detail } : {}) });
    setTimeout(() => this.dismiss(id), INFO_STAYS);
  }

  /** Errors stay until they are dismissed. */
  error(reason: unknown): void {
    this.#add({ kind: 'error', text: thrown(reason) });
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }

  /** Does what may fail; a failure is shown. */
  async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (reason) {
      this.error(reason);
      return undefined;
    }
  }

  #add(notice: Omit<Notice, 'id'>): number {
    const id = this.#next++;
    // The same trouble is not told twice, and a flood leaves the last few.
    const others = this.#list.filter(({ text }) => text !== notice.text);
    this.#list = [...others, { id, ...notice }].slice(-4);
    return id;
  }
}
