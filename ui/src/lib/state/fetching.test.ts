import { expect, it, vi } from 'vitest';
import { quietCommands } from '../../test/samples';
import { Fetching } from './fetching.svelte';

it('fetches one after the other, and keeps what did not come', async () => {
  const ipc = quietCommands();
  ipc.fetchImage.mockRejectedValueOnce('There is nothing at this address.');
  const end = vi.fn();
  const fetching = new Fetching(ipc, async () => {}, end);
  fetching.text = ' http://a/1.png\nhttp://a/2.png http://a/1.png ';
  await fetching.start();
  expect(ipc.fetchImage.mock.calls.map(([address]) => address)).toEqual([
    'http://a/1.png',
    'http://a/2.png',
  ]);
  expect(fetching.failed).toEqual([
    { address: 'http://a/1.png', reason: 'There is nothing at this address.' },
  ]);
  expect(fetching.text).toBe('http://a/1.png');
  expect(end).not.toHaveBeenCalled();
  await fetching.start();
  expect(fetching.failed).toEqual([]);
  expect(end).toHaveBeenCalledOnce();
});

it('is stopped without a complaint', async () => {
  const ipc = quietCommands();
  let refuse: (reason: string) => void = () => {};
  ipc.fetchImage.mockImplementationOnce(
    () => new Promise((_, reject) => (refuse = reject as (reason: string) => void)),
  );
  ipc.stopFetching.mockImplementation(async () => refuse('It was stopped.'));
  const fetching = new Fetching(ipc);
  fetching.text = 'http://a/1.png http://a/2.png';
  const started = fetching.start();
  await vi.waitFor(() => expect(ipc.fetchImage).toHaveBeenCalled());
  expect(fetching.current).toBe('http://a/1.png');
  await fetching.stop();
  await started;
  expect(fetching.failed).toEqual([]);
  expect(fetching.addresses).toEqual(['http://a/1.png', 'http://a/2.png']);
  expect(ipc.fetchImage).toHaveBeenCalledOnce();
  // What is begun next is another fetch: a stop that is heard late does not mean it.
  const [, stopped] = ipc.fetchImage.mock.calls[0] ?? [];
  expect(ipc.stopFetching).toHaveBeenCalledExactlyOnceWith(stopped);
  await fetching.start();
  expect(ipc.fetchImage.mock.lastCall?.[1]).not.toBe(stopped);
});

it('asks to stop nothing before anything is fetched', async () => {
  const ipc = quietCommands();
  let begin: () => void = () => {};
  const fetching = new Fetching(ipc, () => new Promise<void>((resolve) => (begin = resolve)));
  fetching.text = 'http://a/1.png';
  const started = fetching.start();
  await fetching.stop();
  begin();
  await started;
  expect(ipc.stopFetching).not.toHaveBeenCalled();
  expect(ipc.fetchImage).not.toHaveBeenCalled();
  expect(fetching.addresses).toEqual(['http://a/1.png']);
});
