/**
 * What the sampled points of an axis are coloured by: one value a point, the same in every head.
 * @import { AxisLayout, Tokens } from '../../data/types.js'
 * @import { Report } from '../../data/report.js'
 */
import { labelOf, modulusOf } from '../../state/colors.js';
import { nameType } from '../names.js';

/** @typedef {(string | number | null)[]} Values null: this point has no value */
/**
 * @typedef {object} Points one axis of a map
 * @property {string} name
 * @property {AxisLayout} layout
 * @property {Uint32Array} sample token of each point, in corpus order
 */

/** @param {Report} report @param {string} model @param {string} name @returns {Promise<Points>} */
export async function openPoints(report, model, name) {
  const [layout, sample] = await Promise.all([report.axis(model, name), report.sample(model, name)]);
  return { name, layout, sample };
}

/** The documents that have points. @param {Points} points @returns {number[]} */
export function sampledDocuments({ layout, sample }) {
  return [...new Set(Array.from(sample, (index) => layout.locate(index).document))].sort((a, b) => a - b);
}

/**
 * @param {Report} report
 * @param {string} model
 * @param {Points} points
 * @param {string} color
 * @returns {Promise<Values>}
 */
export async function readValues(report, model, points, color) {
  const { name, layout, sample } = points;
  const modulus = modulusOf(color);
  const kind = report.model(model)?.axes.find((axis) => axis.name === name)?.kind;
  /** @param {(document: number, token: number) => string | number | null} value */
  const each = (value) => Array.from(sample, (index) => {
    const { document, token } = layout.locate(index);
    return value(document, token);
  });
  if (modulus !== undefined) return each((_, token) => (kind === 'text' ? (token + 1) % modulus : null));
  if (color === 'position') {
    return each((document, token) => (kind === 'text' ? token / Math.max(1, layout.lengths[document] - 1) : null));
  }
  if (color === 'document') return each((document) => document);
  if (color === 'frequency') {
    return kind === 'text' ? countEach(await report.tokenIds(model, name), sample) : each(() => null);
  }
  const label = labelOf(color);
  if (label?.of === 'document') {
    const documents = await report.documents();
    return each((document) => documents.label(document, label.name));
  }
  const tokens = await sampledTokens(report, model, points);
  const of = (/** @type {number} */ document) => /** @type {Tokens} */ (tokens.get(document));
  if (label) return each((document, token) => of(document).labels.get(label.name)?.[token] ?? null);
  if (color === 'token') return each((document, token) => (kind === 'text' ? nameType(of(document), token) : null));
  const place = color === 'row' ? 'row' : 'column';
  return each((document, token) => (of(document)[place][token] < 0 ? null : of(document)[place][token] + 1));
}

/** How often each point's token occurs. @param {Int32Array} ids of all tokens @param {Uint32Array} sample */
function countEach(ids, sample) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return Array.from(sample, (index) => counts.get(ids[index]) ?? 0);
}

/** @param {Report} report @param {string} model @param {Points} points @returns {Promise<Map<number, Tokens>>} */
export async function sampledTokens(report, model, points) {
  const documents = sampledDocuments(points);
  return new Map(await Promise.all(documents.map(async (document) => (
    /** @type {const} */ ([document, await report.tokens(model, points.name, document)])))));
}
