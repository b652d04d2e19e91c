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
 * @param {Context} context
 * @param {Selection} selection
 * @param {Cloud} cloud
 * @param {Iterable<readonly [string, {first: number, count: number}]>} ranges the vertices of each head in the cloud
 */
export async function paintCloud({ report }, { color, model }, cloud, ranges) {
  const paint = cloud.kinds.slice();
  if (color === 'position') {
    const names = report.model(model)?.axes.map(({ name }) => name) ?? [];
    const scales = new Map(await Promise.all(names.map(async (name) => /** @type {const} */ ([name, await positions(report, model, name)]))));
    for (const [id, { first, count }] of ranges) {
      const stack = report.head(model, id)?.stackInfo;
      const own = [scales.get(stack?.query_axis ?? ''), scales.get(stack?.key_axis ?? '')];
      for (let v = first; v < first + count; v++) paint[v] = own[cloud.kinds[v]]?.[cloud.points[v]] ?? 0;
    }
  }
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
