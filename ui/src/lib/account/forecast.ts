import { bytes } from '../format/numbers';
import { t } from '../messages';

/** What images that hover over the window would take of the plan of the account that they would go to. */
export function forecast(
  drag: { bytes: number; more: boolean },
  account: { login: string; left: number | null; waiting: number },
): { text: string; over: boolean } {
  const { login, left, waiting } = account;
  const size = t(drag.more ? 'account.drag.more' : 'account.drag.about', {
    bytes: bytes(drag.bytes),
  });
  if (left === null) return { text: t('account.drag.no_limit', { size, login }), over: false };
  // What is on its way is not counted by the account yet.
  const free = Math.max(left - waiting, 0);
  const over = drag.bytes > free;
  const params = { size, login, left: bytes(free) };
  return { text: t(over ? 'account.drag.over' : 'account.drag.left', params), over };
}
