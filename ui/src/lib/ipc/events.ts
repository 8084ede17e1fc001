import { listen, type UnlistenFn } from '@tauri-apps/api/event';
import type { AccountStatus, Event, Settings } from './types';

/** What hovers over the window. The shell takes the drop itself. */
export type Drag =
  | { state: 'over'; images: number; skipped: number; bytes: number; more: boolean }
  | { state: 'left' }
  | { state: 'dropped' };

export function onEvents(take: (events: Event[]) => void): Promise<UnlistenFn> {
  return listen<Event[]>('whittle:events', ({ payload }) => take(payload));
}

/** The queue was paused, or goes on, from the tray. */
export function onPaused(take: (paused: boolean) => void): Promise<UnlistenFn> {
  return listen<boolean>('whittle:paused', ({ payload }) => take(payload));
}

/** Something about the account changed. */
export function onAccount(take: (status: AccountStatus) => void): Promise<UnlistenFn> {
  return listen<AccountStatus>('whittle:account', ({ payload }) => take(payload));
}

/** Settings were changed elsewhere. */
export function onSettings(take: (settings: Settings) => void): Promise<UnlistenFn> {
  return listen<Settings>('whittle:settings', ({ payload }) => take(payload));
}

export function onDrag(take: (drag: Drag) => void): Promise<UnlistenFn> {
  return listen<Drag>('whittle:drag', ({ payload }) => take(payload));
}
