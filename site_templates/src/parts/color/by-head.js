/**
 * Colours that one head gives: the entropy of queries, what keys receive, lengths of vectors.
 * @import { Report } from '../../data/report.js'
 * @import { Head } from '../types.js'
 * @import { Coloring, Work } from './coloring.js'
 * @import { Points } from './values.js'
 */
import { rampSlot } from '../../draw/palette.js';
import { rampHues } from './by-value.js';
import { figuresOf } from './figures.js';
import { measureHead, measurePoints } from './measures.js';
import { makeScale } from './scale.js';

/** @typedef {{model: string, color: string, head: Head, points: readonly Points[]}} HeadMode `points` of both axes */

/**
 * @param {Report} report
 * @param {HeadMode} mode
 * @param {Work} work
 * @returns {Promise<Coloring | undefined>} undefined where the work was stopped
 */
export async function colorByHead(report, mode, work) {
  const values = await readHead(report, mode, work);
  if (!values) return undefined;
  const figures = figuresOf(mode.color);
  const scale = makeScale(values.flatMap((side) => [...side]), figures.range);
  const slots = values.map((side) => Uint8Array.from(side, (value) => rampSlot(scale.place(value))));
  const short = mode.color === 'length' && values.some((side) => side.some(Number.isNaN));
  const unkept = report.model(mode.model)?.kept ? 'grey: documents whose attention is not stored' : '';
  const note = short ? 'grey: short documents, which store attention in place of vectors' : unkept;
  return {
    slots: () => [slots[0], slots[1]],
    hues: rampHues,
    legend: { type: 'ramp', title: figures.title, ticks: scale.ticks, note },
    tell: (kind, _, point) => (Number.isNaN(values[kind][point]) ? '' : figures.tell(values[kind][point], 0)),
  };
}

/**
 * What the head gives each of its queries and each of its keys; NaN where nothing.
 * @param {Report} report
 * @param {HeadMode} mode
 * @param {Work} work
 * @returns {Promise<Float64Array[] | undefined>}
 */
async function readHead(report, { model, color, head, points }, { goOn, progress }) {
  const [queries, keys] = [head.stackInfo.query_axis, head.stackInfo.key_axis]
    .map((name) => /** @type {Points} */ (points.find((axis) => axis.name === name)));
  /** @param {string} what */
  const progressOf = (what) => (/** @type {number} */ done, /** @type {number} */ all) => {
    progress(`Reading ${what}: document ${done + 1} of ${all}`);
    return goOn();
  };
  if (color === 'length') {
    return measurePoints((document) => report.lengths(model, head.id, document), queries, keys, progressOf('vectors'));
  }
  /** @param {number} document */
  const open = async (document) => (
    await report.keeps(model, document) ? report.attention(model, head.id, document) : undefined);
  const measures = await measureHead(open, queries, keys, progressOf('attention'));
  if (!measures) return undefined;
  return color === 'entropy' ? [measures.entropy, nothing(keys)] : [nothing(queries), measures.received];
}

/** @param {Points} axis */
function nothing({ sample }) {
  return new Float64Array(sample.length).fill(NaN);
}
