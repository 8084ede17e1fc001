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

/**
 * The pieces that are on screen. A new set is shown when all of it has arrived, so that both sides
 * change at once; until then, and where one cannot be had, the old one stays.
 */
export class Pictures {
  #shown = $state.raw<ReadonlyMap<Side, readonly Piece[]>>(new Map());
  #images = new Map<string, HTMLImageElement>();
  #turn = 0;
  #load: Load;

  constructor(load: Load = fetched) {
    this.#load = load;
  }

  /** From the coarsest to the finest. */
  of(side: Side): readonly Piece[] {
    return this.#shown.get(side) ?? [];
  }

  /** Answers whether this set is on screen now; false when another was wanted meanwhile. */
  async show(wanted: readonly Wanted[]): Promise<boolean> {
    const turn = ++this.#turn;
    try {
      const loaded = await Promise.all(
        wanted.map(async ({ side, address, part }) => {
          const image = this.#images.get(address) ?? (await this.#load(address));
          return { side, address, image, part };
        }),
      );
      if (turn !== this.#turn) return false;
      // Only what is on screen is kept.
      this.#images = new Map(loaded.map(({ address, image }) => [address, image]));
      const next = new Map<Side, Piece[]>();
      for (const { side, image, part } of loaded)
        next.set(side, [...(next.get(side) ?? []), { image, part }]);
      this.#shown = next;
      return true;
    } catch {
      // Its result was superseded, or the view has moved on: what comes next is on its way.
      return false;
    }
  }

  clear(): void {
    this.#turn += 1;
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
