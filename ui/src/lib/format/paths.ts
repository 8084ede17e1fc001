import type { Format } from '../ipc/types';

/** The last part of a path, of either kind of system. */
export function fileName(path: string): string {
  return path.slice(lastSlash(path) + 1);
}

/** What the file lies in. */
export function folder(path: string): string {
  const end = lastSlash(path);
  return end <= 0 ? path.slice(0, end + 1) : path.slice(0, end);
}

function lastSlash(path: string): number {
  return Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
}

const LABELS: Record<Format, string> = {
  jpeg: 'JPEG',
  png: 'PNG',
  gif: 'GIF',
  svg: 'SVG',
  webp: 'WebP',
  avif: 'AVIF',
};

export function formatLabel(format: Format): string {
  return LABELS[format];
}

const EXTENSIONS: Record<string, Format> = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  jpe: 'jpeg',
  jfif: 'jpeg',
  png: 'png',
  apng: 'png',
  gif: 'gif',
  svg: 'svg',
  svgz: 'svg',
  webp: 'webp',
  avif: 'avif',
};

/** What a name promises, until the content was looked at. */
export function formatFromName(path: string): Format | null {
  const name = fileName(path);
  return EXTENSIONS[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}
