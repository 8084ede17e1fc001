import { expect, it } from 'vitest';
import { isTyping, shortcutOf } from './shortcuts';

const press = (key: string, ...modifiers: ('ctrl' | 'meta' | 'shift' | 'alt')[]) => ({
  key,
  ctrlKey: modifiers.includes('ctrl'),
  metaKey: modifiers.includes('meta'),
  shiftKey: modifiers.includes('shift'),
  altKey: modifiers.includes('alt'),
});

it.each([
  [press('o', 'ctrl'), { do: 'images' }],
  [press('O', 'ctrl', 'shift'), { do: 'folder' }],
  [press('o', 'meta'), { do: 'images' }],
  [press('v', 'ctrl'), { do: 'paste' }],
  [press('z', 'ctrl'), { do: 'undo' }],
  [press('r', 'ctrl'), { do: 'run' }],
  [press(',', 'ctrl'), { do: 'go', section: 'settings' }],
  [press('1', 'ctrl'), { do: 'go', section: 'optimize' }],
  [press('2', 'ctrl'), { do: 'go', section: 'watched' }],
  [press('3', 'meta'), { do: 'go', section: 'history' }],
  [press('4', 'ctrl'), { do: 'go', section: 'dashboard' }],
  [press('5', 'ctrl'), { do: 'go', section: 'account' }],
  [press('6', 'ctrl'), { do: 'go', section: 'settings' }],
  [press('?', 'shift'), { do: 'help' }],
])('%o is a shortcut', (event, shortcut) => {
  expect(shortcutOf(event, false)).toEqual(shortcut);
});

it.each([
  press('7', 'ctrl'),
  press('0', 'ctrl'),
  press('v', 'ctrl', 'shift'),
  press('o'),
  press('1'),
  press('?', 'alt'),
  press('z', 'ctrl', 'shift'),
])('%o is none', (event) => {
  expect(shortcutOf(event, false)).toBeNull();
});

it('a text field keeps what is meant for text', () => {
  for (const event of [press('v', 'ctrl'), press('z', 'ctrl'), press('?', 'shift')])
    expect(shortcutOf(event, true)).toBeNull();
  expect(shortcutOf(press('o', 'ctrl'), true)).toEqual({ do: 'images' });
});

it('knows where text is typed', () => {
  const input = (type: string) => Object.assign(document.createElement('input'), { type });
  expect(isTyping(input('text'))).toBe(true);
  expect(isTyping(input('search'))).toBe(true);
  expect(isTyping(input('range'))).toBe(false);
  expect(isTyping(input('radio'))).toBe(false);
  expect(isTyping(document.body)).toBe(false);
});
