/**
 * Points by a plain canvas: each is a small stamp blended into an image. Without a graphics card
 * this is tens of times faster than WebGL, and it draws the same everywhere.
 * @import { Panel, Renderer } from './types.js'
 */
import { depthOrder, FAR_ALPHA, FAR_SIZE, makePlacer, RIM } from './project.js';

/** Stamps are made at quarter pixels, so that points keep their true places. */
const SUB = 4;
/** And for so many depths, from far to near. */
const NEARS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/**
 * @typedef {object} Stamps
 * @property {number} size of each, in pixels
 * @property {Uint8Array[]} cover SUB × SUB coverages of `size` × `size` pixels, for dots then diamonds
 * @property {Uint8Array[]} [fill] the same without the rim
 */

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
      for (const panel of panels) {
        const { rect } = panel;
        const x = Math.max(0, Math.round(rect.x * ratio));
        const y = Math.max(0, Math.round(rect.y * ratio));
        const width = Math.min(Math.round(rect.width * ratio), canvas.width - x);
        const height = Math.min(Math.round(rect.height * ratio), canvas.height - y);
        if (width < 1 || height < 1) continue;
        const image = context.createImageData(width, height);
        splat(image.data, width, height, panel, palette, ratio);
        context.putImageData(image, x, y);
      }
    },
    release() {},
    destroy() {},
  };
}

/**
 * Blends a panel's points into an empty image of straight (not premultiplied) RGBA.
 * @param {Uint8ClampedArray} data width × height × 4
 * @param {number} width
 * @param {number} height
 * @param {Panel} panel
 * @param {Uint8Array} palette
 * @param {number} ratio device pixels in a CSS pixel
 */
export function splat(data, width, height, panel, palette, ratio) {
  const { cloud, first, count } = panel;
  const order = depthOrder(panel);
  const stamps = (order || panel.from ? NEARS : [1]).map((near) => makeStamps(
    panel.radius * ratio * (FAR_SIZE + (1 - FAR_SIZE) * near), panel.alpha * (FAR_ALPHA + (1 - FAR_ALPHA) * near), panel.rim ? RIM : 0));
  /** @type {Map<Uint8Array, Spots>} */
  const spots = new Map();
  const spotsOf = (/** @type {Uint8Array} */ cover, /** @type {number} */ size, /** @type {number} */ across) => {
    let found = spots.get(cover);
    if (!found) spots.set(cover, found = findSpots(cover, size, across));
    return found;
  };
  const place = makePlacer({ ...panel, rect: { x: 0, y: 0, width, height } });
  const at = { x: 0, y: 0, near: 0 };
  for (let i = 0; i < count; i++) {
    const v = order ? order[i] : first + i;
    place(v, at);
    if (at.near < 0) continue;
    const own = stamps[Math.round(at.near * (stamps.length - 1))];
    const half = (own.size - 1) / 2;
    const px = at.x - 0.5 - half;
    const py = at.y - 0.5 - half;
    if (px < -own.size || py < -own.size || px > width || py > height) continue;
    const qx = Math.round(px * SUB);
    const qy = Math.round(py * SUB);
    const x = Math.floor(qx / SUB);
    const y = Math.floor(qy / SUB);
    const index = (cloud.kinds[v] * SUB + (qy - y * SUB)) * SUB + (qx - x * SUB);
    const stamp = own.cover[index];
    const inside = x >= 0 && y >= 0 && x + own.size <= width && y + own.size <= height;
    const put = (/** @type {Uint8Array} */ cover, /** @type {ArrayLike<number>} */ colors, /** @type {number} */ color) => (
      inside ? blendInside(data, (y * width + x) * 4, spotsOf(cover, own.size, width), colors, color)
        : blend(data, width, height, x, y, cover, own.size, colors, color));
    if (panel.rim) put(stamp, panel.rim, 0);
    put(own.fill ? own.fill[index] : stamp, palette, 3 * cloud.paint[v]);
  }
  unmultiply(data);
}

/** @typedef {{offsets: Int32Array, covers: Float32Array}} Spots what a stamp covers at all: where in an image, and how much */

/** @param {Uint8Array} cover @param {number} size @param {number} width of the image @returns {Spots} */
function findSpots(cover, size, width) {
  const covered = Array.from(cover.keys()).filter((i) => cover[i] > 0);
  return {
    offsets: Int32Array.from(covered, (i) => (Math.floor(i / size) * width + (i % size)) * 4),
    covers: Float32Array.from(covered, (i) => cover[i] / 255),
  };
}

/** The same as `blend` where the whole stamp lies in the image. @param {Uint8ClampedArray} data @param {number} start @param {Spots} spots @param {ArrayLike<number>} palette @param {number} color */
function blendInside(data, start, { offsets, covers }, palette, color) {
  const [r, g, b] = [palette[color], palette[color + 1], palette[color + 2]];
  for (let i = 0; i < offsets.length; i++) {
    const at = start + offsets[i];
    const share = covers[i];
    const rest = 1 - share;
    data[at] = r * share + data[at] * rest;
    data[at + 1] = g * share + data[at + 1] * rest;
    data[at + 2] = b * share + data[at + 2] * rest;
    data[at + 3] = 255 * share + data[at + 3] * rest;
  }
}

/**
 * Source over destination, both premultiplied: no division while points pile up.
 * @param {Uint8ClampedArray} data @param {number} width @param {number} height @param {number} x @param {number} y
 * @param {Uint8Array} stamp @param {number} size @param {ArrayLike<number>} palette @param {number} color offset in the palette
 */
function blend(data, width, height, x, y, stamp, size, palette, color) {
  const r = palette[color];
  const g = palette[color + 1];
  const b = palette[color + 2];
  const x0 = Math.max(0, -x);
  const x1 = Math.min(size, width - x);
  const y1 = Math.min(size, height - y);
  for (let row = Math.max(0, -y); row < y1; row++) {
    let at = ((y + row) * width + x + x0) * 4;
    for (let column = x0; column < x1; column++, at += 4) {
      const cover = stamp[row * size + column];
      if (cover === 0) continue;
      const share = cover / 255;
      const rest = 1 - share;
      data[at] = r * share + data[at] * rest;
      data[at + 1] = g * share + data[at + 1] * rest;
      data[at + 2] = b * share + data[at + 2] * rest;
      data[at + 3] = cover + data[at + 3] * rest;
    }
  }
}

/** @param {Uint8ClampedArray} data */
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

/** @param {number} radius in device pixels @param {number} alpha @param {number} [rim] its width @returns {Stamps} */
export function makeStamps(radius, alpha, rim = 0) {
  const size = 2 * Math.ceil(radius * 1.3 + 0.5) + 2;
  const cover = shapes(size, radius, alpha, 0);
  return rim > 0 ? { size, cover, fill: shapes(size, radius, alpha, rim) } : { size, cover };
}

/** @param {number} size @param {number} radius @param {number} alpha @param {number} rim left out at the edge */
function shapes(size, radius, alpha, rim) {
  const middle = (size - 1) / 2;
  const cover = [];
  for (let kind = 0; kind < 2; kind++) {
    for (let sub = 0; sub < SUB * SUB; sub++) {
      const stamp = new Uint8Array(size * size);
      const cx = middle + (sub % SUB) / SUB;
      const cy = middle + Math.floor(sub / SUB) / SUB;
      for (let i = 0; i < stamp.length; i++) {
        const dx = Math.abs((i % size) - cx);
        const dy = Math.abs(Math.floor(i / size) - cy);
        const away = kind === 0 ? Math.hypot(dx, dy) - radius : (dx + dy - radius * 1.3) * Math.SQRT1_2;
        stamp[i] = Math.round(255 * alpha * Math.min(Math.max(0.5 - away - rim, 0), 1));
      }
      cover.push(stamp);
    }
  }
  return cover;
}
