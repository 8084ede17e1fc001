/** Which of a group of radio buttons an arrow key leads to, round and round; null for any other key. */
export function arrowTo(event: KeyboardEvent, at: number, count: number): number | null {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step === undefined) return null;
  event.preventDefault();
  return (at + step + count) % count;
}
