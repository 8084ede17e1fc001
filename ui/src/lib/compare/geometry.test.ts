import { describe, expect, it } from 'vitest';
import { base, corner, detail, fitted, kept, middle, zoomed } from './geometry';

const photo = { width: 8000, height: 6000 };
const icon = { width: 16, height: 16 };
const stage = { width: 848, height: 648 };

describe('a fitted view', () => {
  it('shows everything, and enlarges drawings alone', () => {
    expect(fitted(photo, stage, 1, false)).toEqual({ x: 4000, y: 3000, scale: 0.1 });
    expect(fitted(icon, stage, 2, false).scale).toBe(0.5);
    expect(fitted(icon, stage, 2, true).scale).toBe(600 / 16);
  });

  it('needs no more pixels than the screen has', () => {
    const whole = base(photo, stage, 1);
    expect(whole).toEqual({ left: 0, top: 0, ...photo, toWidth: 832, toHeight: 624 });
    expect(base(photo, stage, 2).toWidth).toBe(1600);
    expect(base(icon, stage, 2)).toMatchObject({ toWidth: 16, toHeight: 16 });
    expect(detail(fitted(photo, stage, 1, false), photo, stage, 1)).toBeNull();
  });
});

describe('zooming', () => {
  it('keeps what is under the pointer where it is', () => {
    const at = { x: 100, y: 600 };
    const before = fitted(photo, stage, 1, false);
    const after = zoomed(before, 1, at, photo, stage, 1, false);
    const under = (camera: typeof before) => ({
      x: camera.x + (at.x - stage.width / 2) / camera.scale,
      y: camera.y + (at.y - stage.height / 2) / camera.scale,
    });
    expect(after.scale).toBe(1);
    expect(under(after).x).toBeCloseTo(under(before).x);
    expect(under(after).y).toBeCloseTo(under(before).y);
  });

  it('has bounds', () => {
    const middle = { x: 424, y: 324 };
    const before = fitted(photo, stage, 2, false);
    expect(zoomed(before, 1e9, middle, photo, stage, 2, false).scale).toBe(16);
    expect(zoomed(before, 0, middle, photo, stage, 2, false).scale).toBeCloseTo(before.scale / 2);
    const drawn = fitted(icon, stage, 1, true);
    expect(zoomed(drawn, drawn.scale * 1.25, middle, icon, stage, 1, true).scale).toBe(46.875);
    expect(zoomed(drawn, 1e9, middle, icon, stage, 1, true).scale).toBe(62_500);
    expect(kept({ x: -5, y: 1e9, scale: 1 }, photo)).toEqual({ x: 0, y: 6000, scale: 1 });
  });

  it('asks for the part that is on screen, and a little beyond', () => {
    const camera = { x: 4000, y: 3000, scale: 1 };
    const part = detail(camera, photo, stage, 1);
    expect(part).toEqual({
      left: 3448,
      top: 2578,
      width: 1104,
      height: 844,
      toWidth: 1104,
      toHeight: 844,
    });
    // On a dense screen a pixel of the picture is never asked for twice.
    expect(detail(camera, photo, stage, 2)).toMatchObject({ width: 1104, toWidth: 1104 });
    expect(detail({ ...camera, scale: 0.5 }, photo, stage, 1)).toMatchObject({
      width: 2206,
      toWidth: 1103,
    });
    expect(detail({ x: 0, y: 0, scale: 1 }, photo, stage, 1)).toMatchObject({ left: 0, top: 0 });
  });
});

it('lies on whole pixels of the screen', () => {
  const at = corner({ x: 10.3, y: 20.7, scale: 1 }, stage, 2);
  expect([at.x * 2, at.y * 2].every(Number.isInteger)).toBe(true);
});

it('is sampled in the middle of the view, and within the picture', () => {
  const part = { width: 512, height: 384, toWidth: 512, toHeight: 384 };
  expect(middle({ x: 4000, y: 3000, scale: 1 }, photo)).toEqual({ left: 3744, top: 2808, ...part });
  expect(middle({ x: 8000, y: 0, scale: 1 }, photo)).toEqual({ left: 7488, top: 0, ...part });
  expect(middle({ x: 8, y: 8, scale: 1 }, icon)).toBeNull();
});
