import { commands, type Commands } from '../ipc/commands';
import type { Dashboard, Period } from '../ipc/types';

export const PERIODS = ['month', 'six_months', 'all'] as const satisfies Period[];

/** The totals, fetched when they are looked at. */
export class DashboardState {
  #data = $state.raw<Dashboard | null>(null);
  #period = $state<Period>('six_months');
  #stale = $state(true);
  #failed = $state(false);
  #generation = 0;

  #ipc: Pick<Commands, 'dashboard'>;
  #fail: (reason: unknown) => void;

  constructor(
    ipc: Pick<Commands, 'dashboard'> = commands,
    fail: (reason: unknown) => void = () => {},
  ) {
    this.#ipc = ipc;
    this.#fail = fail;
  }

  get data(): Dashboard | null {
    return this.#data;
  }

  /** How far back it looks. */
  get period(): Period {
    return this.#period;
  }

  async look(period: Period): Promise<void> {
    this.#period = period;
    await this.load();
  }

  /** Whether something happened since it was fetched. */
  get isStale(): boolean {
    return this.#stale;
  }

  /** Whether it could not be fetched the last time. */
  get failed(): boolean {
    return this.#failed;
  }

  markStale(): void {
    this.#stale = true;
  }

  async load(): Promise<void> {
    this.#stale = false;
    const generation = ++this.#generation;
    try {
      const data = await this.#ipc.dashboard(this.#period);
      if (generation !== this.#generation) return;
      this.#data = data;
      this.#failed = false;
    } catch (reason) {
      if (generation !== this.#generation) return;
      this.#failed = true;
      this.#fail(reason);
    }
  }
}
