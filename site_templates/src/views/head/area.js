/**
 * A part of a map that was selected, as a link has it: one number for so many neighbours of the selected point, four
 * for a box, pairs for the corners of a lasso. Places are shares of a square about the middle of the picture, as
 * large as its shorter side: of a flat map at its first look; of a solid one as the eye saw it, whose numbers come
 * first.
 * @import { Extent } from '../../draw/eye.js'
 * @import { Cloud, Panel } from '../../draw/types.js'
 */
import { createEye } from '../../draw/eye.js';
import { fromPixels, makePlacer, toPixels } from '../../draw/project.js';

/** @typedef {readonly [x: number, y: number]} Corner */
/**
 * @typedef {object} Area
 * @property {'near' | 'box' | 'lasso'} kind
 * @property {number} neighbours of the selected point; 0 of a box or lasso
 * @property {string} eye from where a solid map was looked at; '' for the first look
 * @property {readonly Corner[]} corners in order; none of neighbours
 */

const SQUARE = { x: 0, y: 0, width: 1, height: 1 };
/** Numbers of a solid map's eye. */
const EYE_LENGTH = 6;

/** @param {string} text of a link @param {boolean} solid @returns {Area | undefined} */
export function readArea(text, solid) {
  if (text === '') return undefined;
  const numbers = text.split(',').map(Number);
  if (numbers.length === 1) return { kind: 'near', neighbours: numbers[0], eye: '', corners: [] };
  const eye = solid ? numbers.slice(0, EYE_LENGTH).join() : '';
  const places = numbers.slice(solid ? EYE_LENGTH : 0);
  if (places.length === 4) {
    const [left, top, right, bottom] = places;
    return { kind: 'box', neighbours: 0, eye, corners: [[left, top], [right, top], [right, bottom], [left, bottom]] };
  }
  const corners = Array.from({ length: places.length / 2 }, (_, i) => /** @type {Corner} */ (
    [places[2 * i], places[2 * i + 1]]));
  return { kind: 'lasso', neighbours: 0, eye, corners };
}

/**
 * The text of a link for what was drawn over a panel.
 * @param {readonly {x: number, y: number}[]} drawn corners of a lasso, or two opposite ones of a box, in pixels
 * @param {Panel} panel
 * @param {Extent} map
 * @param {string} eye from where a solid map is looked at, in full
 */
export function writeArea(drawn, panel, map, eye) {
  const solid = map.dimensions === 3;
  const first = { rect: SQUARE, view: createEye(map).view(SQUARE) };
  const { x: left, y: top, width, height } = panel.rect;
  const side = Math.min(width, height);
  const places = drawn.map(({ x, y }) => {
    if (solid) return { x: 0.5 + (x - left - width / 2) / side, y: 0.5 + (y - top - height / 2) / side };
    const place = fromPixels(panel, x, y);
    return toPixels(first, place.x, place.y);
  });
  // A tenth of a pixel, however large the map is drawn.
  const enlarged = solid ? 1 : (panel.view[0] * width) / (first.view[0] * side);
  const digits = Math.min(6, Math.ceil(Math.log10(10 * side * Math.max(1, enlarged))));
  const numbers = places.flatMap(({ x, y }) => [x, y]).map((value) => String(Number(value.toFixed(digits))));
  return [...(solid ? [eye] : []), ...numbers].join();
}

/**
 * The vertices of a cloud that lie in a box or a lasso, in order.
 * @param {Area} area
 * @param {Cloud} cloud
 * @param {Extent} map
 * @returns {Uint32Array}
 */
export function verticesIn({ eye: text, corners }, cloud, map) {
  const eye = createEye(map);
  if (text) eye.read(text);
  const place = makePlacer({ cloud, rect: SQUARE, view: eye.view(SQUARE) });
  const [lowX, lowY] = [0, 1].map((k) => Math.min(...corners.map((corner) => corner[k])));
  const [highX, highY] = [0, 1].map((k) => Math.max(...corners.map((corner) => corner[k])));
  const spot = { x: 0, y: 0, near: 0 };
  const vertices = [];
  for (let vertex = 0; vertex < cloud.count; vertex++) {
    const { x, y, near } = place(vertex, spot);
    if (near < 0 || x < lowX || x > highX || y < lowY || y > highY) continue;
    if (contains(corners, x, y)) vertices.push(vertex);
  }
  return Uint32Array.from(vertices);
}

/**
 * Whether a place lies in a polygon, by the even–odd rule.
 * @param {readonly Corner[]} corners
 * @param {number} x
 * @param {number} y
 */
export function contains(corners, x, y) {
  let inside = false;
  let [beforeX, beforeY] = corners[corners.length - 1];
  for (const [cornerX, cornerY] of corners) {
    if (cornerY > y !== beforeY > y && x < cornerX + ((beforeX - cornerX) * (y - cornerY)) / (beforeY - cornerY)) {
      inside = !inside;
    }
    [beforeX, beforeY] = [cornerX, cornerY];
  }
  return inside;
}

/**
 * The vertices nearest to one in the map, itself among them, nearest first.
 * @param {Cloud} cloud
 * @param {Extent} map
 * @param {number} vertex
 * @param {number} most
 * @returns {Uint32Array}
 */
export function nearestVertices({ positions, dimensions, count }, { lo, hi }, vertex, most) {
  const scales = Array.from({ length: dimensions }, (_, k) => hi[k] - lo[k]);
  const squares = Float64Array.from({ length: count }, (_, other) => {
    let sum = 0;
    for (let k = 0; k < dimensions; k++) {
      sum += (scales[k] * (positions[dimensions * other + k] - positions[dimensions * vertex + k])) ** 2;
    }
    return sum;
  });
  const order = Uint32Array.from(squares.keys());
  return order.sort((a, b) => squares[a] - squares[b] || a - b).slice(0, most);
}

/**
 * The corners of an area in the pixels of a panel; undefined where the eye sees it from elsewhere.
 * @param {Area} area
 * @param {Panel} panel
 * @param {Extent} map
 * @param {string} eye from where a solid map is looked at now, in full
 */
export function cornersInSight({ eye: text, corners }, { rect, view }, map, eye) {
  if (map.dimensions === 3) {
    const side = Math.min(rect.width, rect.height);
    return text === eye && corners.length > 0 ? corners.map(([x, y]) => ({
      x: rect.x + rect.width / 2 + (x - 0.5) * side, y: rect.y + rect.height / 2 + (y - 0.5) * side,
    })) : undefined;
  }
  const first = { rect: SQUARE, view: createEye(map).view(SQUARE) };
  return corners.length === 0 ? undefined : corners.map(([x, y]) => {
    const place = fromPixels(first, x, y);
    return toPixels({ rect, view }, place.x, place.y);
  });
}

/**
 * A line with fewer corners, nowhere farther from the drawn one than so much (Douglas and Peucker 1973).
 * @param {readonly {x: number, y: number}[]} line
 * @param {number} far in pixels
 * @returns {{x: number, y: number}[]}
 */
export function simplify(line, far) {
  if (line.length < 3) return [...line];
  const [first, last] = [line[0], line[line.length - 1]];
  const [dx, dy] = [last.x - first.x, last.y - first.y];
  const length = Math.hypot(dx, dy);
  // The distance from the straight line between both ends, which may be one place.
  const away = line.map(({ x, y }) => {
    const share = length === 0 ? 0 : ((x - first.x) * dx + (y - first.y) * dy) / length ** 2;
    const along = Math.min(Math.max(share, 0), 1);
    return Math.hypot(x - first.x - along * dx, y - first.y - along * dy);
  });
  const farthest = away.reduce((best, value, i) => (value > away[best] ? i : best), 0);
  if (away[farthest] <= far) return [first, last];
  return [...simplify(line.slice(0, farthest + 1), far).slice(0, -1), ...simplify(line.slice(farthest), far)];
}
