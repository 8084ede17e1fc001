import { bytes, percent } from '../format/numbers';
import { t } from '../messages';
import type { Totals } from './queue.svelte';

/** The large words of the footer: "11.4 MB saved". */
export function totalsHeadline(totals: Totals, paused: boolean): string {
  if (totals.savedBytes > 0) return t('totals.saved', { saved: bytes(totals.savedBytes) });
  if (totals.active > 0) return paused ? t('totals.paused') : t('totals.working');
  return t('totals.none_saved');
}

/** The small words beside it: "62.3 % smaller", "3 already optimal", "1 failed". */
export function totalsDetails(totals: Totals): string[] {
  const details: string[] = [];
  const tell = (count: number, text: string) => {
    if (count > 0) details.push(text);
  };
  tell(totals.savedBytes, t('totals.smaller', { percent: percent(totals.savedShare) }));
  tell(totals.active, t('totals.ended', { ended: totals.runEnded, all: totals.runRows }));
  tell(totals.alreadyOptimal, t('totals.already_optimal', { count: totals.alreadyOptimal }));
  tell(totals.failed, t('totals.failed', { count: totals.failed }));
  tell(totals.skipped, t('totals.skipped', { count: totals.skipped }));
  tell(totals.cancelled, t('totals.cancelled', { count: totals.cancelled }));
  tell(totals.reverted, t('totals.reverted', { count: totals.reverted }));
  return details;
}

export function totalsSummary(totals: Totals): string[] {
  return [totalsHeadline(totals, false), ...totalsDetails(totals)];
}
