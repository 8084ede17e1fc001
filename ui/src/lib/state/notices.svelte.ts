import { said, sentence } from '../messages/said';

export interface Notice {
  id: number;
  kind: 'info' | 'error';
  /** In the language of now. */
  readonly text: string;
  /** A second, quieter line. */
  readonly detail: string;
}

/** Says something in the language of now. */
type Says = () => string;

/** How long something that only informs stays on screen. */
const INFO_STAYS = 8000;

/** More would cover the list. */
const AT_ONCE = 4;

/** Short messages that lie over the window until they are read. */
export class Notices {
  #list = $state.raw<Notice[]>([]);
  #next = 1;

  get list(): readonly Notice[] {
    return this.#list;
  }

  info(text: Says, detail: Says = () => ''): void {
    const id = this.#add('info', text, detail);
    setTimeout(() => this.dismiss(id), INFO_STAYS);
  }

  /** Errors stay until they are dismissed. */
  error(reason: unknown): void {
    this.problem(() => said(sentence(reason)));
  }

  /** The same, in words of the page. */
  problem(text: Says, detail: Says = () => ''): void {
    this.#add('error', text, detail);
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

  #add(kind: Notice['kind'], text: Says, detail: Says = () => ''): number {
    const id = this.#next++;
    const notice: Notice = {
      id,
      kind,
      get text() {
        return text();
      },
      get detail() {
        return detail();
      },
    };
    // The same trouble is not told twice, and a flood leaves the last few.
    this.#list = this.#list.filter((other) => other.text !== notice.text);
    while (this.#list.length >= AT_ONCE) {
      const oldest = this.#list.find((other) => other.kind === 'info');
      // Only a newer error takes the place of one.
      const least = oldest ?? (kind === 'error' ? this.#list[0] : undefined);
      if (!least) break;
      this.#list = this.#list.filter((other) => other !== least);
    }
    this.#list = [...this.#list, notice];
    return id;
  }
}
