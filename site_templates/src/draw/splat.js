/**
 * Points by a plain canvas: each is a small stamp blended into an image. Without a graphics card
 * this is tens of times faster than WebGL, and it draws the same everywhere.
 * @import { Panel, Renderer } from './types.js'
 * @import { Spots, Stamps } from './stamps.js'
 */
import { SIZE_UNIT } from './cloud.js';
import { depthOrder, FAR_ALPHA, FAR_SIZE, makePlacer, RIM } from './project.js';
import { findSpots, makeStamps, SUB } from './stamps.js';

/** Depths that stamps are made for in solid maps, from far to near. */
const NEARS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Sizes that differ by less share their stamps: a sixteenth of the usual radius. */
const SIZE_STEP = 4;

/** Straight RGBA, row by row. @typedef {{data: Uint8ClampedArray, width: number, height: number}} Pixels */

/** @returns {Renderer} */
export function createSplat() {
  const canvas = document.createElement('canvas');
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  let ratio = 1;
  return {
    kind: 'canvas',
    canvas,
    resize(width, height, pixels) {
      ratio = pixels;
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
    },
    draw({ panels, palette }) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      for (const layers of layersOf(panels)) {
        const { rect } = layers[0];
        const x = Math.max(0, Math.round(rect.x * ratio));
        const y = Math.max(0, Math.round(rect.y * ratio));
        const width = Math.min(Math.round(rect.width * ratio), canvas.width - x);
        const height = Math.min(Math.round(rect.height * ratio), canvas.height - y);
        if (width < 1 || height < 1) continue;
        const image = context.createImageData(width, height);
        splat(image, layers, palette, ratio);
        context.putImageData(image, x, y);
      }
    },
    finish() {},
    release() {},
    destroy() {},
  };
}

/** Panels that lie over each other, one after another in the same rectangle. @param {readonly Panel[]} panels */
function layersOf(panels) {
  /** @type {Panel[][]} */
  const groups = [];
  for (const panel of panels) {
    const last = groups.at(-1);
    const isOver = last && /** @type {const} */ (['x', 'y', 'width', 'height'])
      .every((edge) => last[0].rect[edge] === panel.rect[edge]);
    if (isOver) last.push(panel);
    else groups.push([panel]);
  }
  return groups;
}

/**
 * Blends the points of panels, one panel over the other, into an empty image.
 * @param {Pixels} image as large as the panels
 * @param {readonly Panel[]} layers
 * @param {Uint8Array} palette
 * @param {number} ratio device pixels in a CSS pixel
 */
export function splat(image, layers, palette, ratio) {
  for (const panel of layers) splatPanel(image, panel, palette, ratio);
  unmultiply(image.data);
}

/**
 * @param {Pixels} image premultiplied
 * @param {Panel} panel
 * @param {Uint8Array} palette
 * @param {number} ratio
 */
function splatPanel(image, panel, palette, ratio) {
  const { width, height } = image;
  const { cloud, first, count, rim } = panel;
  const order = depthOrder(panel);
  const nears = order || panel.from ? NEARS : [1];
  const stampsOf = makeStampsOf(nears, panel, ratio);
  const blend = makeBlend(image);
  const place = makePlacer({ ...panel, rect: { x: 0, y: 0, width, height } });
  const at = { x: 0, y: 0, near: 0 };
  for (let i = 0; i < count; i++) {
    const vertex = order ? order[i] : first + i;
    place(vertex, at);
    if (at.near < 0) continue;
    const depth = Math.round(at.near * (nears.length - 1));
    const { size, cover, fill } = stampsOf(depth, cloud.sizes?.[vertex] ?? SIZE_UNIT);
    // Where the stamp's first pixel goes, in quarter pixels: the pixel, and which of the stamps it is.
    const left = at.x - 0.5 - (size - 1) / 2;
    const top = at.y - 0.5 - (size - 1) / 2;
    if (left < -size || top < -size || left > width || top > height) continue;
    const [quartersX, quartersY] = [Math.round(left * SUB), Math.round(top * SUB)];
    const [x, y] = [Math.floor(quartersX / SUB), Math.floor(quartersY / SUB)];
    const index = (cloud.kinds[vertex] * SUB + (quartersY - y * SUB)) * SUB + (quartersX - x * SUB);
    if (rim) blend({ stamp: cover[index], size, x, y }, rim, 0);
    blend({ stamp: fill[index], size, x, y }, palette, 3 * cloud.paint[vertex]);
  }
}

/**
 * Stamps by depth and size, made when they are first needed. Sizes go by steps that no eye tells apart.
 * @param {readonly number[]} nears
 * @param {Panel} panel
 * @param {number} ratio
 * @returns {(depth: number, size: number) => Stamps} depth: which of `nears`; size: as in `Cloud.sizes`
 */
function makeStampsOf(nears, panel, ratio) {
  /** @type {(Stamps | undefined)[]} */
  const stamps = [];
  const steps = 256 / SIZE_STEP;
  return (depth, size) => {
    const step = Math.round(size / SIZE_STEP);
    return stamps[depth * steps + step] ??= stampsAt(nears[depth],
      { ...panel, radius: panel.radius * ((step * SIZE_STEP) / SIZE_UNIT) }, ratio);
  };
}

/**
 * Points so near to the eye, larger and stronger than those far away.
 * @param {number} near 0 to 1
 * @param {Panel} panel
 * @param {number} ratio
 * @returns {Stamps}
 */
function stampsAt(near, { radius, alpha, rim }, ratio) {
  const size = radius * ratio * (FAR_SIZE + (1 - FAR_SIZE) * near);
  return makeStamps(size, alpha * (FAR_ALPHA + (1 - FAR_ALPHA) * near), rim ? RIM : 0);
}

/**
 * A stamp and the pixel that its first one goes to.
 * @typedef {{stamp: Uint8Array, size: number, x: number, y: number}} Spot
 */

/**
 * A function that blends a stamp into an image, in the colour at some offset of a palette. Source over destination,
 * both premultiplied: no division while points pile up.
 * @param {Pixels} image
 * @returns {(spot: Spot, palette: ArrayLike<number>, color: number) => void}
 */
function makeBlend(image) {
  const { data, width, height } = image;
  /** @type {Map<Uint8Array, Spots>} */
  const spots = new Map();
  return (spot, palette, color) => {
    const { stamp, size, x, y } = spot;
    if (x < 0 || y < 0 || x + size > width || y + size > height) {
      blendCut(image, spot, palette, color);
      return;
    }
    let covered = spots.get(stamp);
    if (!covered) spots.set(stamp, covered = findSpots(stamp, size, width));
    blendInside(data, (y * width + x) * 4, covered, [palette[color], palette[color + 1], palette[color + 2]]);
  };
}

/**
 * Blends a stamp that lies in the image.
 * @param {Uint8ClampedArray} data
 * @param {number} start offset of its first pixel
 * @param {Spots} spots
 * @param {readonly number[]} color
 */
function blendInside(data, start, { offsets, shares }, [r, g, b]) {
  for (let i = 0; i < offsets.length; i++) {
    const at = start + offsets[i];
    const share = shares[i];
    const rest = 1 - share;
    data[at] = r * share + data[at] * rest;
    data[at + 1] = g * share + data[at + 1] * rest;
    data[at + 2] = b * share + data[at + 2] * rest;
    data[at + 3] = 255 * share + data[at + 3] * rest;
  }
}

/**
 * Blends as much of a stamp as lies in the image.
 * @param {Pixels} image
 * @param {Spot} spot
 * @param {ArrayLike<number>} palette
 * @param {number} color offset in the palette
 */
function blendCut({ data, width, height }, { stamp, size, x, y }, palette, color) {
  const [r, g, b] = [palette[color], palette[color + 1], palette[color + 2]];
  const right = Math.min(size, width - x);
  const bottom = Math.min(size, height - y);
  for (let row = Math.max(0, -y); row < bottom; row++) {
    for (let column = Math.max(0, -x); column < right; column++) {
      const cover = stamp[row * size + column];
      const share = cover / 255;
      const rest = 1 - share;
      const at = ((y + row) * width + x + column) * 4;
      data[at] = r * share + data[at] * rest;
      data[at + 1] = g * share + data[at + 1] * rest;
      data[at + 2] = b * share + data[at + 2] * rest;
      data[at + 3] = cover + data[at + 3] * rest;
    }
  }
}

/** Premultiplied to straight colours. @param {Uint8ClampedArray} data */
function unmultiply(data) {
  for (let i = 3; i < data.length; i += 4) {
    const alpha = data[i];
    if (alpha === 0 || alpha === 255) continue;
    const factor = 255 / alpha;
    data[i - 3] *= factor;
    data[i - 2] *= factor;
    data[i - 1] *= factor;
  }
}
