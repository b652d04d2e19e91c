/**
 * Sizes of points: a point's area goes by the length of its query or key, or of the value that its key brings, each
 * kind of point around its own median.
 * @import { Work } from '../../parts/color/coloring.js'
 * @import { Selection } from '../../state/types.js'
 * @import { Context } from '../../parts/types.js'
 * @import { MapData } from './data.js'
 */
import { LEAST_SIZE, MOST_SIZE, sizeCode } from '../../draw/cloud.js';
import { measurePoints } from '../../parts/color/measures.js';
import { real } from '../../parts/numbers.js';

/**
 * @typedef {object} Sizing
 * @property {Uint8Array} sizes of each vertex, see `Cloud.sizes`
 * @property {Float64Array} lengths of each vertex; NaN where it is not known
 * @property {string} words what a size says
 */

const KINDS = ['queries', 'keys'];

/**
 * @param {Context} context @param {Selection} selection @param {MapData} data @param {Work} work
 * @returns {Promise<Sizing | undefined>} undefined where all points are of one size, or the work was stopped
 */
export async function loadSizing({ report }, { model, size }, { head, axes, cloud }, { goOn, progress }) {
  if (size === 'same' || (size === 'value' && !hasValueLengths(report, model, head))) return undefined;
  const [queries, keys] = axes;
  const measured = await measurePoints(size === 'norm' ? (document) => report.lengths(model, head.id, document)
    : async (document) => ({
      queries: new Float64Array(queries.layout.lengths[document]).fill(NaN),
      keys: await report.valueLengths(model, head.id, document),
    }), queries, keys, (done, all) => {
    progress(`Reading lengths: document ${done + 1} of ${all}`);
    return goOn();
  });
  if (!measured) return undefined;
  const medians = measured.map(medianOf);
  const lengths = Float64Array.from(cloud.points, (point, vertex) => measured[cloud.kinds[vertex]][point]);
  const sizes = Uint8Array.from(lengths, (length, vertex) => (
    sizeCode(Number.isNaN(length) ? 1 : Math.sqrt(length / medians[cloud.kinds[vertex]]))));
  return { sizes, lengths, words: inWords(size, medians, lengths) };
}

/** @param {Context['report']} report @param {string} model @param {MapData['head']} head */
export function hasValueLengths(report, model, { stack, layer }) {
  return (report.model(model)?.captures ?? [])
    .some((source) => source.values && source.stack === stack && source.layer === layer);
}

/** Of what is known and not 0. @param {Float64Array} lengths */
function medianOf(lengths) {
  const known = lengths.filter((length) => length > 0).sort();
  return known.length > 0 ? known[known.length >> 1] : NaN;
}

/** @param {Selection['size']} size @param {readonly number[]} medians @param {Float64Array} lengths */
function inWords(size, medians, lengths) {
  const kinds = medians.flatMap((median, kind) => (
    Number.isNaN(median) ? [] : [`${KINDS[kind]} ${real(median, 2)}`]));
  const unknown = lengths.some(Number.isNaN);
  if (kinds.length === 0) {
    return 'no vectors are stored, as all documents are short: `vectors: true` in the corpus keeps them';
  }
  const of = size === 'norm' ? 'of vectors' : 'of values';
  return `area by the length ${of}: usual at the median (${kinds.join(', ')}), at least ${LEAST_SIZE ** 2} and at most `
    + `${MOST_SIZE ** 2} times it${!unknown ? '' : size === 'norm'
      ? '; short documents, which store attention in place of vectors, have the usual size'
      : '; queries have the usual size'}`;
}
