import { bytes } from '../format/numbers';
import type { AccountPlan } from '../ipc/types';
import { t } from '../messages';

/** What is used of a plan, as a figure of a dashboard. */
export function usedOf(plan: AccountPlan | null) {
  return {
    name: t('dashboard.account_used'),
    value: plan ? bytes(plan.used) : t('table.none'),
    detail:
      plan?.bytes == null
        ? t('dashboard.account_no_limit')
        : t('dashboard.account_of', { bytes: bytes(plan.bytes) }),
  };
}
