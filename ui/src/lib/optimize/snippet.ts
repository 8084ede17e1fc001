import { fileName } from '../format/paths';
import type { DerivativeReport, Report } from '../ipc/types';

/** Widths that differ by less than this share are one and the same picture, only smaller. */
const SAME_SHAPE = 0.02;

/**
 * The HTML that shows an image with its resize styles: those of the same proportions compete in one
 * `srcset`; the others are cut differently, and are shown where the page is as narrow as they are.
 * Null for what has no result.
 */
export function pictureSnippet(report: Report): string | null {
  const { width, height } = report;
  if (!width || !height) return null;
  const shape = width / height;
  const written = report.derivatives.filter(({ output }) => output !== null);
  const like = (style: DerivativeReport) =>
    Math.abs(style.width / style.height / shape - 1) < SAME_SHAPE;
  const sizes = written
    .filter(like)
    .map((style) => ({ file: address(style.output ?? ''), width: style.width }))
    .concat({ file: address(report.output ?? report.path), width })
    // A style that does not shrink this image has its width: one of them will do.
    .filter((size, at, all) => !all.slice(at + 1).some((other) => other.width === size.width))
    .sort((a, b) => a.width - b.width);
  const source = address(report.output ?? report.path);
  const srcset = sizes.map((size) => `${size.file} ${size.width}w`).join(', ');
  const choice = sizes.length > 1 ? ` srcset="${srcset}" sizes="100vw"` : '';
  const image = `<img src="${source}"${choice} width="${width}" height="${height}" alt="">`;
  const cut = written
    .filter((style) => !like(style))
    .sort((a, b) => a.width - b.width)
    .map(
      (style) =>
        `  <source media="(max-width: ${style.width}px)" srcset="${address(style.output ?? '')}" ` +
        `width="${style.width}" height="${style.height}">`,
    );
  return ['<picture>', ...cut, `  ${image}`, '</picture>'].join('\n');
}

/** A file's name as a relative address: where it will lie on the site, nobody knows. */
function address(path: string): string {
  return encodeURIComponent(fileName(path));
}
