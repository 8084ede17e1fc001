import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { when } from '../format/dates';
import { bytes, percent, savedPercent } from '../format/numbers';
import { t } from '.';
import { de } from './de';
import { en } from './en';
import { speak } from './language.svelte';
import { reason, said } from './said';
import { sentences } from './sentences.de';

afterEach(() => speak('en'));

const SOURCE = join(import.meta.dirname, '../..');

const code = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|svelte)$/.test(path))
  .filter(
    (path) => !/\.test\.ts$|messages[/\\](en|de)\.ts$|messages(\.de)?\.ts$|^dev|^test/.test(path),
  )
  .map((path) => readFileSync(join(SOURCE, path), 'utf8'))
  .join('\n');

/** Keys that are put together, such as `outcome.${outcome}`. */
const patterns = [...code.matchAll(/`([a-z_]+\.[a-z_.]*\$\{[^`]*)`/g)].map(
  ([, template = '']) => new RegExp(`^${template.replace(/\$\{[^}]*\}/g, '[a-z_]+')}$`),
);

it('every message is used', () => {
  const unused = Object.keys(en).filter(
    (key) => !code.includes(`'${key}'`) && !patterns.some((pattern) => pattern.test(key)),
  );
  expect(unused).toEqual([]);
});

it('no words stand in the markup itself', () => {
  const markup = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.svelte'))
    .map((path) =>
      readFileSync(join(SOURCE, path), 'utf8').replace(/<(script|style)[\s\S]*?<\/\1>/g, ''),
    )
    .join('\n');
  const words = [...markup.matchAll(/>\s*([A-Za-z][A-Za-z ,.…]+)\s*</g)].map(([, word]) => word);
  const spoken = [...markup.matchAll(/(?:aria-label|title|placeholder|alt)="([A-Za-z][^"{]*)"/g)];
  expect([...words, ...spoken.map(([, word]) => word)]).toEqual([]);
});

it('fills in names, groups numbers and knows plurals', () => {
  expect(t('output.button.folder', { folder: 'web' })).toBe('Output: into “web”');
  expect(t('drag.images', { count: 1 })).toBe('Drop to optimize 1 image');
  expect(t('drag.images', { count: 12_345 })).toBe('Drop to optimize 12,345 images');
});

it('does not take a value for a pattern', () => {
  expect(t('resize.edit_title', { name: '{name}$&' })).toBe('Edit “{name}$&”');
});

describe('in German', () => {
  const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  const forms = (message: string | { one: string; other: string }) =>
    typeof message === 'string' ? { one: message, other: message } : message;

  it('are the same keys', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });

  it.each(Object.keys(en) as (keyof typeof en)[])('%s names the same things', (key) => {
    const [english, german] = [forms(en[key]), forms(de[key])];
    expect(placeholders(german.one)).toEqual(placeholders(english.one));
    expect(placeholders(german.other)).toEqual(placeholders(english.other));
  });

  it('quotation marks, dashes and dots are German', () => {
    const texts = [
      ...Object.values(de).map(forms).flatMap(Object.values),
      ...Object.values(sentences),
    ];
    const wrong = texts.filter((text) => /["”]|\.\.\.| - |(^|[^„])“(?=\w)|\d %/.test(text));
    expect(wrong).toEqual([]);
  });

  it('plurals, numbers and dates are German', () => {
    speak('de');
    expect(t('drag.images', { count: 1 })).toBe('Ablegen, um 1 Bild zu optimieren');
    expect(t('drag.images', { count: 12_345 })).toBe('Ablegen, um 12.345 Bilder zu optimieren');
    expect(bytes(1_310_000)).toBe('1,31\u00a0MB');
    expect([percent(0.623), savedPercent(1000, 272)]).toEqual(['62,3\u00a0%', '−72,8\u00a0%']);
    const now = new Date(2026, 10, 24, 15);
    expect(when(new Date(2026, 10, 24, 14, 2).toISOString(), now)).toBe('Heute, 14:02');
    expect(when(new Date(2026, 10, 3, 9, 15).toISOString(), now)).toBe('3. Nov., 09:15');
  });
});

describe('what Rust says', () => {
  it('stands as it is in English', () => {
    expect(said('sRGB kept')).toBe('sRGB kept');
    expect(said("The account's server wants HTTPS.")).toBe('The account’s server wants HTTPS.');
    expect(said("/it's.png is gone.")).toBe("/it's.png is gone.");
    expect(reason({ code: 'empty', message: 'The file is empty.' })).toBe('The file is empty.');
    expect(reason({ code: 'empty', message: null })).toBe('The file is empty.');
    expect(reason({ code: null, message: null })).toBeNull();
  });

  it('is said in German, with its parts', () => {
    speak('de');
    expect(said('Display P3 kept')).toBe('Display P3 behalten');
    expect(said('The file is gone, so nothing was written.')).toBe(
      'Die Datei ist nicht mehr da; darum wurde nichts geschrieben.',
    );
    expect(said("The account's plan is used up. It was optimized here.")).toBe(
      'Der Tarif des Kontos ist aufgebraucht. Es wurde hier optimiert.',
    );
    expect(said('The JPEG is damaged: it ends too early.')).toBe(
      'Die JPEG-Datei ist beschädigt: sie endet zu früh.',
    );
    expect(said('The PNG is damaged: Corrupt deflate stream.')).toBe(
      'Die PNG-Datei ist beschädigt.',
    );
    expect(said('/a/{b}$& is watched already.')).toBe('/a/{b}$& wird schon überwacht.');
  });

  it('is told by its code where there is no translation, and else as it is', () => {
    speak('de');
    expect(reason({ code: 'io', message: 'The moon is full.' })).toBe(t('reason.io'));
    expect(reason({ code: null, message: 'The moon is full.' })).toBe('The moon is full.');
    expect(said('toString')).toBe('toString');
  });

  /** The texts of all Rust files, each on one line. */
  const rust = ['crates/api', 'crates/engine', 'crates/jobs', 'crates/store', 'src-tauri']
    .map((folder) => join(SOURCE, '../..', folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => /src[/\\].*\.rs$/.test(join(folder, path)))
        .map((path) => readFileSync(join(folder, path), 'utf8')),
    )
    .join('\n')
    .replace(/\\\n\s*/g, '');

  it('really is said by Rust', () => {
    const unsaid = Object.keys(sentences).filter((english) => {
      const parts = english
        .split(/\{\w+\}/)
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      // What stands at the end may be put in.
      return !new RegExp(`"${parts.join('(\\{[^}]*\\}|sudo[^"]*)')}"`).test(rust);
    });
    expect(unsaid).toEqual([]);
  });

  it('has a translation wherever an error is a plain sentence', () => {
    speak('de');
    const errors = [...rust.matchAll(/#\[error\(\s*"([A-Z][^"]*)"/g)].map(([, text = '']) => text);
    expect(errors.length).toBeGreaterThan(30);
    const missing = errors
      .map((text) => text.replace(/\{[^}]*\}/g, 'x'))
      .filter((text) => said(text) === text);
    expect(missing).toEqual([]);
  });
});
