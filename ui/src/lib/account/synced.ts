import { when } from '../format/dates';
import { t } from '../messages';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** "Synced 2 min ago". */
export function synced(iso: string | null, now = Date.now()): string {
  if (iso === null) return t('account.synced.never');
  const ago = now - new Date(iso).getTime();
  if (Number.isNaN(ago)) return t('account.synced.never');
  if (ago < MINUTE) return t('account.synced.now');
  if (ago < HOUR) return t('account.synced.minutes', { n: Math.floor(ago / MINUTE) });
  if (ago < 12 * HOUR) return t('account.synced.hours', { n: Math.floor(ago / HOUR) });
  return t('account.synced', { when: when(iso) });
}
