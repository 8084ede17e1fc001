/** Nothing is promised before this much was seen. */
const MIN_SECONDS = 2;
const MIN_SHARE = 0.02;

/** Measures how fast work goes on, to say how long the rest takes. Pauses do not count. */
export class Pace {
  #since: number | null = null;
  #active = 0;

  #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Begins anew. */
  start(): void {
    this.#active = 0;
    this.#since = this.#now();
  }

  hold(): void {
    if (this.#since === null) return;
    this.#active += this.#now() - this.#since;
    this.#since = null;
  }

  resume(): void {
    this.#since ??= this.#now();
  }

  /** Seconds left at the pace until now, or null while it is too early to tell. */
  left(done: number, all: number): number | null {
    const running = this.#since === null ? 0 : this.#now() - this.#since;
    const seconds = (this.#active + running) / 1000;
    if (seconds < MIN_SECONDS || all <= 0 || done / all < MIN_SHARE) return null;
    return (seconds * Math.max(all - done, 0)) / done;
  }
}
