import { expect, it } from 'vitest';
import { Pictures, type Wanted } from './pictures.svelte';

const part = { left: 0, top: 0, width: 1, height: 1, toWidth: 1, toHeight: 1 };
const wanted = (side: Wanted['side'], address: string): Wanted => ({ side, address, part });

function slow() {
  const waiting = new Map<string, { arrive: () => void; fail: () => void }>();
  const asked: string[] = [];
  const load = (address: string) => {
    asked.push(address);
    return new Promise<HTMLImageElement>((resolve, reject) => {
      const image = { src: address } as HTMLImageElement;
      waiting.set(address, { arrive: () => resolve(image), fail: () => reject(new Error('gone')) });
    });
  };
  return { pictures: new Pictures(load), waiting, asked };
}

const addresses = (pictures: Pictures, side: Wanted['side']) =>
  pictures.of(side).map(({ image }) => image.src);

it('changes both sides at once', async () => {
  const { pictures, waiting } = slow();
  const shown = pictures.show([wanted('original', 'a0'), wanted('result', 'b0')]);
  waiting.get('a0')?.arrive();
  await Promise.resolve();
  expect(addresses(pictures, 'original')).toEqual([]);
  waiting.get('b0')?.arrive();
  expect(await shown).toBe('shown');
  expect(addresses(pictures, 'original')).toEqual(['a0']);
  expect(addresses(pictures, 'result')).toEqual(['b0']);
});

it('fetches nothing twice while it is on screen', async () => {
  const { pictures, waiting, asked } = slow();
  const first = pictures.show([wanted('original', 'a')]);
  waiting.get('a')?.arrive();
  await first;
  const second = pictures.show([wanted('original', 'a'), wanted('original', 'a-detail')]);
  waiting.get('a-detail')?.arrive();
  await second;
  expect(asked).toEqual(['a', 'a-detail']);
  expect(addresses(pictures, 'original')).toEqual(['a', 'a-detail']);
});

it('leaves out what comes too late, and keeps what is there when something fails', async () => {
  const { pictures, waiting } = slow();
  const old = pictures.show([wanted('result', 'old')]);
  const now = pictures.show([wanted('result', 'now')]);
  waiting.get('now')?.arrive();
  expect(await now).toBe('shown');
  expect(pictures.pending).toBe(false);
  waiting.get('old')?.arrive();
  expect(await old).toBe('superseded');
  const gone = pictures.show([wanted('result', 'gone')]);
  waiting.get('gone')?.fail();
  expect(await gone).toBe('missing');
  expect(pictures.pending).toBe(true);
  expect(addresses(pictures, 'result')).toEqual(['now']);
});
