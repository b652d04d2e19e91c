/**
 * The words of a head's map: what a point is.
 * @import { MapData } from './data.js'
 * @import { Coloring } from '../../parts/color/coloring.js'
 * @import { Context } from '../../parts/types.js'
 */
import { codePointSlicer } from '../../data/texts.js';
import { el } from '../../parts/element.js';
import { clip, nameToken } from '../../parts/names.js';
import { count } from '../../parts/numbers.js';
import { imageWithPatch } from '../../parts/patches.js';
import { whatIsAt } from './data.js';

/** Text shown around a token, in characters on each side. */
const AROUND = 44;

/**
 * What the pointer sees of a point: token, kind, position, what its colour says, document and the text around.
 * @param {Context} context @param {MapData} data @param {Coloring} coloring @param {number} vertex
 */
export async function pointCard({ report, state }, data, coloring, vertex) {
  const { kind, side, axis, point, document, token } = whatIsAt(data, vertex);
  const value = coloring.tell(kind, axis.name, point);
  const [tokens, documents] =
    await Promise.all([report.tokens(state.get().model, axis.name, document), report.documents()]);
  const name = nameToken(tokens, token);
  const image = tokens.row[token] < 0 ? undefined : await report.image(document).catch(() => undefined);
  return [
    el('p', { class: 'tooltip-head' },
      el('b', { class: side }, el('bdi', {}, name)), el('span', { class: 'quiet' }, ` ${side}`)),
    el('p', { class: 'quiet' }, `token ${count(token + 1)} of ${count(axis.layout.lengths[document])} · `,
      el('bdi', {}, clip(documents.title(document), 60))),
    value ? el('p', { class: 'tooltip-value' }, value) : null,
    surroundings(documents.text(document), tokens.start[token], tokens.end[token]),
    image ? imageWithPatch(image, tokens, token) : null,
  ];
}

/** @param {string} text @param {number} start code points; −1 where the token stands for no text @param {number} end */
function surroundings(text, start, end) {
  if (start < 0 || end <= start) return null;
  const slice = codePointSlicer(text);
  const from = Math.max(0, start - AROUND);
  return el('p', { class: 'surroundings', dir: 'auto' }, from > 0 ? '…' : '', slice(from, start),
    el('mark', {}, clip(slice(start, end), AROUND)), slice(end, end + AROUND),
    slice(end + AROUND, end + AROUND + 1) ? '…' : '');
}
