import { commands, type Commands } from '../ipc/commands';
import { sentence } from '../messages/said';

type FetchCommands = Pick<Commands, 'fetchImage' | 'stopFetching'>;

/** An address of which nothing came, and why. */
export interface Unfetched {
  address: string;
  reason: string;
}

/** Of the last fetch. Whatever fetched before the page was loaded had another one. */
let lastNumber = Date.now();

/** Addresses that somebody typed, fetched one after the other. */
export class Fetching {
  /** What stands in the field: addresses apart by spaces or lines. */
  text = $state('');
  #failed = $state.raw<readonly Unfetched[]>([]);
  /** The address of now. */
  #current = $state<string | null>(null);
  /** Its number, once it is asked for. */
  #number: number | null = null;
  #stopped = false;

  #ipc: FetchCommands;
  #begin: () => Promise<void>;
  #end: () => void;

  /** `begin` before the first is fetched; `end` when all of them came, or nobody wants them any more. */
  constructor(
    ipc: FetchCommands = commands,
    begin: () => Promise<void> = async () => {},
    end: () => void = () => {},
  ) {
    this.#ipc = ipc;
    this.#begin = begin;
    this.#end = end;
  }

  get addresses(): string[] {
    return [...new Set(this.text.split(/\s+/).filter((address) => address !== ''))];
  }

  get failed(): readonly Unfetched[] {
    return this.#failed;
  }

  get current(): string | null {
    return this.#current;
  }

  /** Fetches them. What cannot be fetched stays in the field, with the reason. */
  async start(): Promise<void> {
    const { addresses } = this;
    if (this.#current !== null || addresses.length === 0) return;
    this.#stopped = false;
    this.#failed = [];
    this.#current = addresses[0] ?? null;
    await this.#begin();
    const left: string[] = [];
    for (const address of addresses) {
      if (this.#stopped) {
        left.push(address);
        continue;
      }
      this.#current = address;
      try {
        this.#number = lastNumber += 1;
        await this.#ipc.fetchImage(address, this.#number);
      } catch (reason) {
        left.push(address);
        if (!this.#stopped) this.#failed = [...this.#failed, { address, reason: sentence(reason) }];
      }
    }
    this.#current = null;
    this.#number = null;
    this.text = left.join('\n');
    if (left.length === 0) this.#end();
  }

  /** What is being fetched is left; what came is in the list. */
  async stop(): Promise<void> {
    if (this.#current === null) return;
    this.#stopped = true;
    // By its number: another may begin before this is heard.
    if (this.#number !== null) await this.#ipc.stopFetching(this.#number).catch(() => {});
  }

  async close(): Promise<void> {
    await this.stop();
    this.#end();
  }
}
