import { expect, it } from 'vitest';
import { finished } from '../../test/samples';
import type { DerivativeReport } from '../ipc/types';
import { pictureSnippet } from './snippet';

function style(name: string, width: number, height: number): DerivativeReport {
  const output = `/pictures/hero & co.${name}.jpg`;
  return { style: name, strategy: 'fit', width, height, output, bytes: 1, score: 90 };
}

const { report } = finished(1, {
  path: '/pictures/hero & co.jpg',
  output: '/pictures/hero & co.min.jpg',
  width: 1600,
  height: 900,
});

it('is a plain image without styles', () => {
  expect(pictureSnippet(report)).toBe(
    '<picture>\n' +
      '  <img src="hero%20%26%20co.min.jpg" width="1600" height="900" alt="">\n' +
      '</picture>',
  );
});

it('offers smaller ones by width, and those cut differently by the width of the page', () => {
  const derivatives = [
    style('half', 800, 450),
    style('square', 400, 400),
    style('small', 320, 180),
  ];
  expect(pictureSnippet({ ...report, derivatives })).toBe(
    '<picture>\n' +
      '  <source media="(max-width: 400px)" srcset="hero%20%26%20co.square.jpg" width="400" height="400">\n' +
      '  <img src="hero%20%26%20co.min.jpg" srcset="hero%20%26%20co.small.jpg 320w, ' +
      'hero%20%26%20co.half.jpg 800w, hero%20%26%20co.min.jpg 1600w" sizes="100vw" ' +
      'width="1600" height="900" alt="">\n' +
      '</picture>',
  );
});

it('lists each width once: browsers take no notice of the others', () => {
  const derivatives = [style('half', 800, 450), style('large', 1600, 900), style('tall', 800, 451)];
  expect(pictureSnippet({ ...report, derivatives })).toContain(
    'srcset="hero%20%26%20co.tall.jpg 800w, hero%20%26%20co.min.jpg 1600w"',
  );
});

it('leaves out what was not written, and names the original where it is the result', () => {
  const kept = {
    ...report,
    output: null,
    derivatives: [{ ...style('x', 800, 450), output: null }],
  };
  expect(pictureSnippet(kept)).toContain('<img src="hero%20%26%20co.jpg" width=');
  expect(pictureSnippet({ ...report, width: null })).toBeNull();
});
