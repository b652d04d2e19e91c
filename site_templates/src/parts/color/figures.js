/** How each colour mode is titled, scaled and told. Pure. */
import { labelOf, modulusOf } from '../../state/colors.js';
import { clip } from '../names.js';
import { count, plural } from '../numbers.js';

/** @import { Tick } from './scale.js' */

/**
 * @typedef {object} Figures
 * @property {string} title of the legend, with the unit
 * @property {boolean} ramp whether values are on a scale in any case
 * @property {{log?: boolean, from?: number, to?: number}} range
 * @property {Tick[]} [ticks] in place of the scale's own
 * @property {(value: string | number) => string} name of a value in a legend of names
 * @property {(value: string | number, count: number) => string} tell a point's value; `count`: of points that share it
 */

/** @param {string | number} value */
const asIs = (value) => (String(value).trim() === '' ? '∅' : clip(String(value), 24));

/** @type {Record<string, Partial<Figures>>} */
const FIGURES = {
  position: {
    title: 'Position', ramp: true, range: { from: 0, to: 1 },
    ticks: [{ at: 0, text: 'start' }, { at: 1, text: 'end of document' }],
    tell: (value) => `${Math.round(100 * Number(value))}\u202f% of the way through its document`,
  },
  token: { title: 'Token', tell: (value, tokens) => `${asIs(value)}: ${count(tokens)} of the map’s tokens` },
  frequency: { title: 'Times in the corpus', ramp: true, range: { log: true },
    tell: (value) => `${plural(Number(value), 'time')} in the corpus` },
  row: { title: 'Row', ramp: true, tell: (value) => `row ${value}` },
  column: { title: 'Column', ramp: true, tell: (value) => `column ${value}` },
  document: { title: 'Document', name: (value) => `no. ${count(Number(value) + 1)}`,
    tell: (value) => `document ${count(Number(value) + 1)}` },
  entropy: { title: 'Entropy of the query’s attention, nats', ramp: true, range: { from: 0 },
    tell: (value) => `entropy ${Number(value).toFixed(2)} nats` },
  received: {
    title: 'Attention the key receives, × an even share', ramp: true, range: { log: true },
    tell: (value) => `receives ${Number(Number(value).toPrecision(2))} × an even share`,
  },
  length: {
    title: 'Length of the query or key', ramp: true, range: {},
    tell: (value) => `length ${Number(Number(value).toPrecision(3))}`,
  },
};

/** @param {string} color @returns {Figures} */
export function figuresOf(color) {
  /** @type {Figures} */
  const usual = { title: color, ramp: false, range: {}, name: asIs, tell: (value) => asIs(value) };
  const modulus = modulusOf(color);
  if (modulus !== undefined) {
    return { ...usual, title: `Position modulo ${modulus}`, tell: (value) => `position modulo ${modulus}: ${value}` };
  }
  const label = labelOf(color);
  if (label) return { ...usual, title: label.name, tell: (value) => `${label.name}: ${asIs(value)}` };
  return { ...usual, ...FIGURES[color] };
}
