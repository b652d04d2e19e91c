/** Stamps: how much of each pixel a point covers. */

/** Stamps are made at quarter pixels, so that points keep their true places. */
export const SUB = 4;

/**
 * @typedef {object} Stamps points of one size
 * @property {number} size of each stamp, in pixels
 * @property {Uint8Array[]} cover SUB × SUB coverages of `size` × `size` pixels, for dots and then for diamonds
 * @property {Uint8Array[]} fill the same without the rim
 */

/**
 * @param {number} radius in device pixels
 * @param {number} alpha
 * @param {number} [rim] width of the line around a point, in device pixels
 * @returns {Stamps}
 */
export function makeStamps(radius, alpha, rim = 0) {
  const size = 2 * Math.ceil(radius * 1.3 + 0.5) + 2;
  const cover = drawStamps(size, radius, alpha);
  return { size, cover, fill: rim > 0 ? drawStamps(size, radius, alpha, rim) : cover };
}

/**
 * @param {number} size
 * @param {number} radius
 * @param {number} alpha
 * @param {number} [rim] left out at the edge
 */
function drawStamps(size, radius, alpha, rim = 0) {
  const middle = (size - 1) / 2;
  const stamps = [];
  for (let kind = 0; kind < 2; kind++) {
    for (let sub = 0; sub < SUB * SUB; sub++) {
      const cx = middle + (sub % SUB) / SUB;
      const cy = middle + Math.floor(sub / SUB) / SUB;
      // The distance from the edge, outwards; an edge of one pixel lets points move without a jump.
      stamps.push(Uint8Array.from({ length: size * size }, (_, i) => {
        const dx = Math.abs((i % size) - cx);
        const dy = Math.abs(Math.floor(i / size) - cy);
        const away = kind === 0 ? Math.hypot(dx, dy) - radius : (dx + dy - radius * 1.3) * Math.SQRT1_2;
        return Math.round(255 * alpha * Math.min(Math.max(0.5 - away - rim, 0), 1));
      }));
    }
  }
  return stamps;
}

/**
 * The pixels that a stamp covers at all, in an image of some width.
 * @typedef {{offsets: Int32Array, shares: Float32Array}} Spots offsets in bytes of RGBA; shares from 0 to 1
 */

/**
 * @param {Uint8Array} stamp
 * @param {number} size of the stamp
 * @param {number} width of the image
 * @returns {Spots}
 */
export function findSpots(stamp, size, width) {
  const covered = Array.from(stamp.keys()).filter((i) => stamp[i] > 0);
  return {
    offsets: Int32Array.from(covered, (i) => (Math.floor(i / size) * width + (i % size)) * 4),
    shares: Float32Array.from(covered, (i) => stamp[i] / 255),
  };
}
