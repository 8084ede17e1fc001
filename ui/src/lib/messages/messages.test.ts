import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { t } from '.';
import { en } from './en';

const SOURCE = join(import.meta.dirname, '../..');

const code = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|svelte)$/.test(path))
  .filter((path) => !/\.test\.ts$|messages[/\\]en\.ts$|^dev|^test/.test(path))
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
