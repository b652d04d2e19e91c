/** Arrows over a picture: from a token to what it looks at most, and to it from who looks at it most. */
import { strongest } from '../../parts/strongest.js';
import { svg } from '../../parts/svg.js';

/** @import { Shade } from '../../parts/shading.js' */
/** @import { PanelName } from './panels.js' */

/** Of the stroke, in CSS pixels: of a faint share, and how much more of the strongest shade. */
const LEAST_WIDTH = 1.25;
const MORE_WIDTH = 2.25;
/** How far an arrow bends aside, as a share of its length and in CSS pixels: on one line they would hide each other. */
const BEND = 0.14;
const MOST_BEND = 40;
/** Length and half width of its head, in widths of its stroke beyond a fixed part. */
const HEAD = 6;
/** Shares below it have no arrow. */
const LEAST = 1e-6;

/** @typedef {{box: DOMRect, patch: boolean}} End where a token is, and whether it is a patch */
/**
 * @typedef {object} Direction
 * @property {PanelName} name
 * @property {Shade} shade the share of each token; NaN of those that are left out
 * @property {number} token that the direction is of
 * @property {(which: 'from' | 'to', token: number) => End | undefined} end
 */

export function createArrows() {
  const element = svg('svg', { class: 'arrows', 'aria-hidden': 'true' });
  return {
    element,
    /** @param {readonly Direction[]} directions @param {number} most arrows of each */
    show(directions, most) {
      element.replaceChildren();
      if (most === 0 || directions.length === 0) return;
      const origin = element.getBoundingClientRect();
      // Read where everything is before anything is drawn.
      const arrows = directions.flatMap((direction) => arrowsOf(direction, most, origin));
      element.append(...arrows.flatMap(draw));
    },
  };
}

/** @typedef {{name: PanelName, token: number, weight: number, from: Spot, to: Spot, width: number}} Arrow */
/** @typedef {{x: number, y: number}} Spot */

/** @param {Direction} direction @param {number} most @param {DOMRect} origin @returns {Arrow[]} */
function arrowsOf({ name, shade, token, end }, most, origin) {
  const start = end(name === 'row' ? 'from' : 'to', token);
  if (!start) return [];
  const all = strongest(shade.values, LEAST, most + 1).flatMap(({ index, weight }) => {
    const other = end(name === 'row' ? 'to' : 'from', index);
    // A token's own share has nowhere to lead.
    if (!other || other.box.width === 0 || Math.hypot(...between(start.box, other.box)) < 2) return [];
    const spots = [edge(start, other, origin), edge(other, start, origin)];
    const [from, to] = name === 'row' ? spots : spots.reverse();
    return [{ name, token: index, weight, from, to, width: LEAST_WIDTH + MORE_WIDTH * (weight / shade.top) }];
  });
  return all.slice(0, most);
}

/** From one middle to the other. @param {DOMRect} a @param {DOMRect} b @returns {[across: number, down: number]} */
function between(a, b) {
  return [b.left + b.width / 2 - a.left - a.width / 2, b.top + b.height / 2 - a.top - a.height / 2];
}

/** Where an arrow meets a token: a patch's middle, the edge of what can be read.
 * @param {End} here @param {End} there @param {DOMRect} origin @returns {Spot} */
function edge({ box, patch }, there, origin) {
  const [across, down] = between(box, there.box);
  const share = patch ? 0
    : Math.min(box.width / 2 / Math.max(Math.abs(across), 1), box.height / 2 / Math.max(Math.abs(down), 1), 0.4);
  return { x: box.left + box.width / 2 + share * across - origin.left,
    y: box.top + box.height / 2 + share * down - origin.top };
}

/** A line with a head, and below both a wider one that lifts it off the picture. @param {Arrow} arrow */
function draw({ name, token, weight, from, to, width }) {
  const [across, down] = [to.x - from.x, to.y - from.y];
  const aside = Math.min(BEND, MOST_BEND / Math.hypot(across, down));
  const bend = { x: (from.x + to.x) / 2 - aside * down, y: (from.y + to.y) / 2 + aside * across };
  const long = Math.hypot(to.x - bend.x, to.y - bend.y);
  const along = { x: (to.x - bend.x) / long, y: (to.y - bend.y) / long };
  const head = Math.min(HEAD + width, long / 2);
  const neck = { x: to.x - head * along.x, y: to.y - head * along.y };
  const wing = { x: -along.y * head * 0.55, y: along.x * head * 0.55 };
  const line = `M${at(from)}Q${at(bend)} ${at(neck)}`;
  const tip = `M${at(to)}L${at({ x: neck.x + wing.x, y: neck.y + wing.y })}`
    + `L${at({ x: neck.x - wing.x, y: neck.y - wing.y })}Z`;
  return [
    svg('path', { class: 'arrow-ground', d: line, 'stroke-width': (width + 2.5).toFixed(2) }),
    svg('path', { class: 'arrow-ground', d: tip, 'stroke-width': 2.5 }),
    svg('path', { class: `arrow ${name}`, d: line, 'stroke-width': width.toFixed(2), 'data-to': token,
      'data-share': weight }),
    svg('path', { class: `arrow-head ${name}`, d: tip }),
  ];
}

/** @param {Spot} spot */
function at({ x, y }) {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
