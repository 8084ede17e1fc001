import { t, type PlainKey } from '../messages';
import { SECTIONS, type Section } from './app.svelte';

export type Shortcut =
  | { do: 'go'; section: Section }
  | { do: 'images' | 'folder' | 'paste' | 'url' | 'undo' | 'run' | 'help' };

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** What a key press asks for, wherever the focus is; null when nothing. */
export function shortcutOf(event: Pressed, typing: boolean): Shortcut | null {
  if (event.altKey) return null;
  const key = event.key.toLowerCase();
  if (!event.ctrlKey && !event.metaKey) return key === '?' && !typing ? { do: 'help' } : null;
  const section = SECTIONS[Number(key) - 1];
  if (section && !event.shiftKey) return { do: 'go', section };
  if (key === 'o') return { do: event.shiftKey ? 'folder' : 'images' };
  if (event.shiftKey) return null;
  if (key === ',') return { do: 'go', section: 'settings' };
  if (key === 'r') return { do: 'run' };
  if (key === 'u') return { do: 'url' };
  // In a text field these belong to the text.
  if (key === 'v' && !typing) return { do: 'paste' };
  if (key === 'z' && !typing) return { do: 'undo' };
  return null;
}

/** Whether key presses there are text. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return true;
  if (!(target instanceof HTMLInputElement)) return false;
  return !['radio', 'checkbox', 'range', 'button'].includes(target.type);
}

/** Keys as they are shown. Those with a name are `mod`, which is Ctrl, or ⌘ on a Mac, and messages. */
type Listed = { keys: readonly (readonly string[])[]; text: PlainKey };

/** What stands on a key. */
export function keyName(key: string): string {
  switch (key) {
    case 'mod':
      return /mac/i.test(navigator.platform) ? '⌘' : t('keys.ctrl');
    case 'Shift':
      return t('keys.shift');
    case 'Space':
      return t('keys.space');
    case 'Enter':
      return t('keys.enter');
    case 'Del':
      return t('keys.delete');
    case 'Esc':
      return t('keys.escape');
    default:
      return key;
  }
}

/** What `?` lists of Compare. */
export const COMPARE_SHORTCUTS: readonly Listed[] = [
  { keys: [['Space']], text: 'shortcuts.flip' },
  { keys: [['D']], text: 'shortcuts.difference' },
  { keys: [['Z']], text: 'shortcuts.zoom' },
  { keys: [['+'], ['−']], text: 'shortcuts.zoom_steps' },
  { keys: [['Shift', '← ↑ → ↓']], text: 'shortcuts.pan' },
  { keys: [['←'], ['→']], text: 'shortcuts.step' },
  { keys: [['I']], text: 'shortcuts.details' },
  { keys: [['Esc']], text: 'shortcuts.leave' },
];

/** What `?` lists of everything else. */
export const SHORTCUT_LIST: readonly Listed[] = [
  { keys: [['mod', 'O']], text: 'shortcuts.open' },
  { keys: [['mod', 'Shift', 'O']], text: 'shortcuts.folder' },
  { keys: [['mod', 'V']], text: 'shortcuts.paste' },
  { keys: [['mod', 'U']], text: 'shortcuts.url' },
  { keys: [['mod', 'R']], text: 'shortcuts.run' },
  { keys: [['mod', 'Z']], text: 'shortcuts.undo' },
  { keys: [['Enter']], text: 'shortcuts.reveal' },
  { keys: [['C']], text: 'shortcuts.compare' },
  { keys: [['Del']], text: 'shortcuts.remove' },
  { keys: [['Space'], ['mod', 'A']], text: 'shortcuts.select' },
  { keys: [['↑'], ['↓']], text: 'shortcuts.move' },
  { keys: [['mod', '↑ ↓']], text: 'shortcuts.move_only' },
  { keys: [['Shift', 'F10']], text: 'shortcuts.menu' },
  { keys: [['mod', '1 – 6']], text: 'shortcuts.sections' },
  { keys: [['mod', ',']], text: 'shortcuts.settings' },
  { keys: [['?']], text: 'shortcuts.help' },
];
