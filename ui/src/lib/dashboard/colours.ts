import type { Origin } from '../ipc/types';

/** Of the chart's segments. */
export const COLOURS: Record<Origin, string> = {
  file: 'var(--s1)',
  watch: 'var(--s2)',
  url: 'var(--s3)',
  api: 'var(--s4)',
  cli: 'var(--s5)',
  account: 'var(--s4)',
};
