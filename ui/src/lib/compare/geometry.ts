/*
 * Where a picture lies on the stage. The stage is measured in CSS pixels, the picture in its own
 * (of a drawing: the pixels of its own size), the screen in device pixels.
 */

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** What is looked at: the point of the picture in the middle of the stage, and how large. */
export interface Camera extends Point {
  /** CSS pixels for each pixel of the picture. */
  scale: number;
}

/** A part of a picture, and how many pixels are wanted of it. */
export interface Part extends Size {
  left: number;
  top: number;
  toWidth: number;
  toHeight: number;
}

/** Around a fitted picture, in CSS pixels. */
const MARGIN = 24;
/** A pixel of the picture is never shown larger than this many of the screen; drawings have none. */
const LARGEST = 32;
/** A drawing is never shown larger than this, in CSS pixels: beyond it coordinates are no longer exact. */
const LARGEST_DRAWING = 1_000_000;
/** How much more than is on screen is fetched on each side, so that moving a little shows no edge. */
const BEYOND = 0.15;

/** Everything is on screen; pictures are not enlarged, drawings are. */
export function fitted(picture: Size, stage: Size, density: number, drawing: boolean): Camera {
  const room = { width: stage.width - 2 * MARGIN, height: stage.height - 2 * MARGIN };
  const fits = Math.min(room.width / picture.width, room.height / picture.height);
  const scale = drawing ? fits : Math.min(fits, 1 / density);
  return { x: picture.width / 2, y: picture.height / 2, scale: Math.max(scale, 1e-4) };
}

/** The same view, larger or smaller, while this point of the stage stays where it is. */
export function zoomed(
  camera: Camera,
  scale: number,
  at: Point,
  picture: Size,
  stage: Size,
  density: number,
  drawing: boolean,
): Camera {
  const smallest = Math.min(fitted(picture, stage, density, false).scale, 1 / density);
  const largest = drawing
    ? LARGEST_DRAWING / Math.max(picture.width, picture.height)
    : LARGEST / density;
  const next = Math.min(Math.max(scale, smallest / 2), largest);
  const dx = at.x - stage.width / 2;
  const dy = at.y - stage.height / 2;
  return kept(
    {
      scale: next,
      x: camera.x + dx / camera.scale - dx / next,
      y: camera.y + dy / camera.scale - dy / next,
    },
    picture,
  );
}

/** The middle of the stage never leaves the picture. */
export function kept(camera: Camera, picture: Size): Camera {
  return {
    scale: camera.scale,
    x: Math.min(Math.max(camera.x, 0), picture.width),
    y: Math.min(Math.max(camera.y, 0), picture.height),
  };
}

/** Where the picture's upper left corner lies on the stage, on a whole pixel of the screen. */
export function corner(camera: Camera, stage: Size, density: number): Point {
  const whole = (length: number) => Math.round(length * density) / density;
  return {
    x: whole(stage.width / 2 - camera.x * camera.scale),
    y: whole(stage.height / 2 - camera.y * camera.scale),
  };
}

/** The whole picture, with as many pixels as the fitted view shows. */
export function base(picture: Size, stage: Size, density: number): Part {
  const { scale } = fitted(picture, stage, density, false);
  // In steps, so that not every size of the window fetches it anew.
  const step = 64;
  const wanted = Math.ceil((picture.width * scale * density) / step) * step;
  const toWidth = Math.min(Math.max(wanted, 1), picture.width);
  const toHeight = Math.round((picture.height * toWidth) / picture.width);
  return { left: 0, top: 0, ...picture, toWidth, toHeight: clampTo(toHeight, picture.height) };
}

/** What is on screen, as sharp as the screen can show it; null where the base is sharp enough. */
export function detail(camera: Camera, picture: Size, stage: Size, density: number): Part | null {
  const needed = Math.min(camera.scale * density, 1);
  const whole = base(picture, stage, density);
  if (whole.toWidth / picture.width >= needed * 0.99) return null;
  const across = stage.width / camera.scale;
  const down = stage.height / camera.scale;
  const left = Math.max(Math.floor(camera.x - across * (0.5 + BEYOND)), 0);
  const top = Math.max(Math.floor(camera.y - down * (0.5 + BEYOND)), 0);
  const right = Math.min(Math.ceil(camera.x + across * (0.5 + BEYOND)), picture.width);
  const bottom = Math.min(Math.ceil(camera.y + down * (0.5 + BEYOND)), picture.height);
  const [width, height] = [right - left, bottom - top];
  if (width <= 0 || height <= 0) return null;
  return {
    left,
    top,
    width,
    height,
    toWidth: clampTo(Math.round(width * needed), width),
    toHeight: clampTo(Math.round(height * needed), height),
  };
}

/** Pictures with fewer pixels are made as a whole almost as soon. */
const WORTH_SAMPLING = 1_500_000;
/** A part of this size is made in a fraction of a second. */
const SAMPLE = { width: 512, height: 384 };

/** The part in the middle of the view that is made first; null where the whole is soon there. */
export function middle(camera: Camera, picture: Size): Part | null {
  const { width, height } = SAMPLE;
  if (picture.width * picture.height < WORTH_SAMPLING) return null;
  if (picture.width < width || picture.height < height) return null;
  const within = (at: number, length: number, whole: number) =>
    Math.min(Math.max(Math.round(at - length / 2), 0), whole - length);
  const left = within(camera.x, width, picture.width);
  const top = within(camera.y, height, picture.height);
  return { left, top, width, height, toWidth: width, toHeight: height };
}

function clampTo(length: number, most: number): number {
  return Math.min(Math.max(length, 1), most);
}
