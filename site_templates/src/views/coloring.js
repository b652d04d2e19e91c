/** What the colour of a point says: query or key, or where in its document the token stands. */
import { scaleIndex } from '../draw/color.js';
import { choice, el } from './element.js';

/** @import { Cloud } from '../draw/types.js' */
/** @import { Color, Selection } from '../state/types.js' */
/** @import { Context } from './types.js' */

/** @type {readonly {value: Color, text: string}[]} */
const OPTIONS = [{ value: 'kind', text: 'query / key' }, { value: 'position', text: 'position' }];

/** The legend and the choice. @param {Color} color @param {(color: Color) => void} onChange */
export function colorLegend(color, onChange) {
  const shapes = el('span', { class: color === 'kind' ? 'legend' : 'legend plain' },
    el('span', { class: 'legend-dot' }), 'query', el('span', { class: 'legend-diamond' }), 'key');
  const scale = color === 'position' && el('span', { class: 'legend' }, 'start', el('span', { class: 'legend-scale' }), 'end of document');
  return el('span', { class: 'legend-group' }, shapes, scale, choice('Colour', OPTIONS, color, (value) => onChange(/** @type {Color} */ (value))));
}

/**
 * Paints a cloud as the selection asks; a fresh array, so that renderers see the change.
 * A cloud that holds many heads repeats the same points for each.
 * @param {Context} context
 * @param {Selection} selection
 * @param {Cloud} cloud
 */
export async function paintCloud({ report }, selection, cloud) {
  if (selection.color === 'kind') {
    cloud.paint = cloud.kinds.slice();
    return;
  }
  const stack = report.head(selection.model, selection.head)?.stackInfo;
  if (!stack) return;
  const [queries, keys] = await Promise.all([stack.query_axis, stack.key_axis].map((axis) => positions(report, selection.model, axis)));
  const paint = new Uint8Array(cloud.count);
  for (let v = 0; v < cloud.count; v++) paint[v] = (cloud.kinds[v] === 0 ? queries : keys)[cloud.points[v]];
  cloud.paint = paint;
}

/** Palette index of each sampled point's relative position in its document. @param {Context['report']} report @param {string} model @param {string} axis */
async function positions(report, model, axis) {
  const [layout, sample] = await Promise.all([report.axis(model, axis), report.sample(model, axis)]);
  return Uint8Array.from(sample, (index) => {
    const { document, token } = layout.locate(index);
    return scaleIndex(token / Math.max(1, layout.lengths[document] - 1));
  });
}
