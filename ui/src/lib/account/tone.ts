import type { AccountState } from '../ipc/types';

/** How a state is told everywhere: well, as trouble that passes, or as one that somebody must end. */
export function toneOf(state: AccountState | 'connecting'): 'well' | 'warn' | 'bad' | 'none' {
  switch (state) {
    case 'up_to_date':
    case 'syncing':
      return 'well';
    case 'offline':
    case 'quota_used_up':
      return 'warn';
    case 'bad_token':
    case 'no_token':
    case 'suspended':
      return 'bad';
    default:
      return 'none';
  }
}
