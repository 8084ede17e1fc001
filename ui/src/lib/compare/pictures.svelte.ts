import type { Part } from './geometry';

export type Side = 'original' | 'result' | 'difference';

/** A picture that is wanted: where it is served, and which part of the whole it shows. */
export interface Wanted {
  side: Side;
  address: string;
  part: Part;
}

export interface Piece {
  image: HTMLImageElement;
  part: Part;
}

type Load = (address: string) => Promise<HTMLImageElement>;

/** What became of a wanted set: on screen, not to be had, or no longer wanted. */
export type Outcome = 'shown' | 'missing' | 'superseded';

/**
 * The pieces that are on screen. A new set is shown when all of it has arrived, so that both sides
 * change at once; until then, and where one cannot be had, the old one stays.
 */
export class Pictures {
  #shown = $state.raw<ReadonlyMap<Side, readonly Piece[]>>(new Map());
  #images = new Map<string, HTMLImageElement>();
  #turn = 0;
  #pending = $state(false);
  #load: Load;

  constructor(load: Load = fetched) {
    this.#load = load;
  }

  /** From the coarsest to the finest. */
  of(side: Side): readonly Piece[] {
    return this.#shown.get(side) ?? [];
  }

  /** Whether something else is wanted than what is on screen. */
  get pending(): boolean {
    return this.#pending;
  }

  async show(wanted: readonly Wanted[]): Promise<Outcome> {
    const turn = ++this.#turn;
    this.#pending = true;
    try {
      const loaded = await Promise.all(
        wanted.map(async ({ side, address, part }) => {
          const image = this.#images.get(address) ?? (await this.#load(address));
          return { side, address, image, part };
        }),
      );
      if (turn !== this.#turn) return 'superseded';
      // Only what is on screen is kept.
      this.#images = new Map(loaded.map(({ address, image }) => [address, image]));
      const next = new Map<Side, Piece[]>();
      for (const { side, image, part } of loaded)
        next.set(side, [...(next.get(side) ?? []), { image, part }]);
      this.#shown = next;
      this.#pending = false;
      return 'shown';
    } catch {
      return turn === this.#turn ? 'missing' : 'superseded';
    }
  }

  clear(): void {
    this.#turn += 1;
    this.#pending = false;
    this.#images.clear();
    this.#shown = new Map();
  }
}

async function fetched(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
