/**
 * A canvas's context that keeps what is drawn as marks: what draws the page draws the figure. It has those methods of a
 * context that the viewer's drawings use, and no more.
 */
import { pngOf } from './png.js';

/** @import { Rect } from '../../draw/types.js' */
/** @import { Mark } from './types.js' */

/** Between the middle of letters and their baseline, as a share of the font's size. */
const MIDDLE = 0.35;

/** What `save` keeps. */
const USUAL = {
  fillStyle: '#000', strokeStyle: '#000', lineWidth: 1, lineCap: 'butt', lineJoin: 'miter', globalAlpha: 1,
  font: '10px sans-serif', textAlign: 'start', textBaseline: 'alphabetic', imageSmoothingEnabled: true,
  /** Scale and turn, and where the origin is. @type {readonly [number, number, number, number, number, number]} */
  matrix: [1, 0, 0, 1, 0, 0],
  /** @type {Mark[]} */
  target: [],
};

/** The methods of CanvasRenderingContext2D are its own. */
class Ink {
  /** @type {Mark[]} */
  marks = [];
  #stack = [{ ...USUAL, target: this.marks }];
  #d = '';
  /** The only rectangle of the path, for clips. @type {Rect | undefined} */
  #rect;
  /** What a text that follows stands out with. */
  #halo = { text: '', color: '' };

  constructor() {
    Object.assign(this, USUAL, { target: this.marks });
  }

  get #now() {
    return /** @type {typeof USUAL} */ (/** @type {unknown} */ (this));
  }

  save() {
    const now = this.#now;
    this.#stack.push(/** @type {typeof USUAL} */ (
      Object.fromEntries(Object.keys(USUAL).map((name) => [name, Reflect.get(now, name)]))));
  }

  restore() {
    const before = this.#stack.length > 1 && this.#stack.pop();
    if (before) Object.assign(this, before);
  }

  /** @param {number} x @param {number} y */
  translate(x, y) {
    const [a, b, c, d] = this.#now.matrix;
    const at = this.#at(x, y);
    this.#now.matrix = [a, b, c, d, at.x, at.y];
  }

  /** @param {number} angle */
  rotate(angle) {
    const [a, b, c, d, e, f] = this.#now.matrix;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.#now.matrix = [a * cos + c * sin, b * cos + d * sin, c * cos - a * sin, d * cos - b * sin, e, f];
  }

  /** @param {number} x @param {number} y */
  scale(x, y) {
    const [a, b, c, d, e, f] = this.#now.matrix;
    this.#now.matrix = [a * x, b * x, c * y, d * y, e, f];
  }

  /** Device pixels are none of a figure's. */
  setTransform() {
    this.#now.matrix = USUAL.matrix;
  }

  clearRect() {}

  setLineDash() {}

  beginPath() {
    this.#d = '';
    this.#rect = undefined;
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.#d += `M${this.#words(x, y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.#d += `${this.#d ? 'L' : 'M'}${this.#words(x, y)}`;
  }

  /** @param {number} cx @param {number} cy @param {number} x @param {number} y */
  quadraticCurveTo(cx, cy, x, y) {
    this.#d += `Q${this.#words(cx, cy)} ${this.#words(x, y)}`;
  }

  /** @param {...number} at two places that pull, and where it ends */
  bezierCurveTo(...[ax, ay, bx, by, x, y]) {
    this.#d += `C${this.#words(ax, ay)} ${this.#words(bx, by)} ${this.#words(x, y)}`;
  }

  closePath() {
    this.#d += 'Z';
  }

  /** Whole circles, and arcs to the right of less. @param {...number} arc as on a canvas */
  arc(...[x, y, radius, from, to]) {
    const r = short(radius * this.#size);
    const turn = to - from;
    const end = (/** @type {number} */ angle) => (
      this.#words(x + radius * Math.cos(angle), y + radius * Math.sin(angle)));
    const start = this.#d && !this.#d.endsWith('Z') ? 'L' : 'M';
    if (Math.abs(turn) < 2 * Math.PI - 1e-6) {
      this.#d += `${start}${end(from)}A${r} ${r} 0 ${turn > Math.PI ? 1 : 0} 1 ${end(to)}`;
    } else {
      this.#d += `M${end(from)}A${r} ${r} 0 1 1 ${end(from + Math.PI)}A${r} ${r} 0 1 1 ${end(from)}Z`;
    }
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.#rect = this.#d ? undefined : { ...this.#at(x, y), width: width * this.#size, height: height * this.#size };
    this.moveTo(x, y);
    this.lineTo(x + width, y);
    this.lineTo(x + width, y + height);
    this.lineTo(x, y + height);
    this.closePath();
  }

  clip() {
    const { target } = this.#now;
    /** @type {Mark[]} */
    const marks = [];
    if (!this.#rect) return;
    target.push({ type: 'group', clip: this.#rect, marks });
    this.#now.target = marks;
  }

  fill() {
    const { target, fillStyle, globalAlpha } = this.#now;
    if (this.#d) target.push({ type: 'path', d: this.#d, fill: fillStyle, opacity: globalAlpha });
  }

  stroke() {
    const { target, strokeStyle, lineWidth, lineCap, globalAlpha } = this.#now;
    if (!this.#d) return;
    target.push({ type: 'path', d: this.#d, stroke: strokeStyle, strokeWidth: lineWidth * this.#size,
      opacity: globalAlpha, round: lineCap === 'round' });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    const { target, fillStyle, globalAlpha } = this.#now;
    target.push({ type: 'rect', ...this.#at(x, y), width: width * this.#size, height: height * this.#size,
      fill: fillStyle, opacity: globalAlpha });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) {
    const { target, strokeStyle, lineWidth, globalAlpha } = this.#now;
    target.push({ type: 'rect', ...this.#at(x, y), width: width * this.#size, height: height * this.#size,
      stroke: strokeStyle, strokeWidth: lineWidth * this.#size, opacity: globalAlpha });
  }

  /** @param {string} text */
  measureText(text) {
    return measure(text, this.#now.font);
  }

  /** @param {string} text */
  strokeText(text) {
    this.#halo = { text, color: this.#now.strokeStyle };
  }

  /** @param {string} text @param {number} x @param {number} y @param {number} [room] */
  fillText(text, x, y, room = Infinity) {
    const { target, font, fillStyle, globalAlpha, textAlign, textBaseline, matrix: [a, b] } = this.#now;
    const { size, weight } = readFont(font);
    const smaller = room === Infinity ? 1 : Math.min(1, room / Math.max(1, measure(text, font).width));
    const lower = textBaseline === 'middle' ? MIDDLE * size : textBaseline === 'top' ? 0.8 * size : 0;
    const halo = this.#halo.text === text ? this.#halo.color : undefined;
    this.#halo = { text: '', color: '' };
    target.push({
      type: 'text', text, ...this.#at(x, y + lower), size: size * this.#size * smaller, weight, fill: fillStyle, halo,
      anchor: textAlign === 'right' || textAlign === 'end' ? 'end' : textAlign === 'center' ? 'middle' : 'start',
      opacity: globalAlpha === 1 ? undefined : globalAlpha,
      angle: Math.abs(b) < 1e-9 && a > 0 ? undefined : (Math.atan2(b, a) * 180) / Math.PI,
    });
  }

  /** @param {CanvasImageSource} source @param {...number} at where it goes; of nine values, what of it before that */
  drawImage(source, ...at) {
    const { target, globalAlpha, imageSmoothingEnabled } = this.#now;
    const part = at.length > 4 ? { x: at[0], y: at[1], width: at[2], height: at[3] } : undefined;
    const [x, y, width, height] = at.slice(-4);
    target.push({ type: 'image', ...this.#at(x, y), width, height, opacity: globalAlpha === 1 ? undefined : globalAlpha,
      href: pngOf(source, { part, room: { width, height }, smooth: imageSmoothingEnabled }) });
  }

  /** How much larger things are drawn than they are said to be. */
  get #size() {
    const [a, b] = this.#now.matrix;
    return Math.hypot(a, b);
  }

  /** @param {number} x @param {number} y */
  #at(x, y) {
    const [a, b, c, d, e, f] = this.#now.matrix;
    return { x: a * x + c * y + e, y: b * x + d * y + f };
  }

  /** @param {number} x @param {number} y */
  #words(x, y) {
    const at = this.#at(x, y);
    return `${short(at.x)} ${short(at.y)}`;
  }
}

/**
 * What a drawing draws, as marks.
 * @param {(ink: CanvasRenderingContext2D) => void} drawing in CSS pixels
 * @returns {Mark[]}
 */
export function marksOf(drawing) {
  const ink = new Ink();
  drawing(/** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (ink)));
  return ink.marks;
}

/** Size in pixels and weight of a canvas's font. @param {string} font */
function readFont(font) {
  const [, weight = '400', size = '10'] = /(?:(\d{3}|bold)\s+)?([\d.]+)px/.exec(font) ?? [];
  return { size: Number(size), weight: weight === 'bold' ? 700 : Number(weight) };
}

/** @type {CanvasRenderingContext2D | undefined} */
let ruler;

/** @param {string} text @param {string} font */
export function measure(text, font) {
  ruler ??= /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
  ruler.font = font;
  return ruler.measureText(text);
}

/** @param {number} value */
function short(value) {
  return Math.round(value * 100) / 100;
}
