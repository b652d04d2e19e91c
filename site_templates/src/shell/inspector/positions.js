/** The aggregate matrix of a head: mean attention by where query and key stand in their document. */
import { el, fill } from '../../parts/element.js';
import { count, percent } from '../../parts/numbers.js';
import { evenly, measurePositions, PARTS } from '../../parts/position-means.js';
import { svg } from '../../parts/svg.js';
import { folded } from './lists.js';

/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/** Computed in the page: of larger corpora so many documents are read. */
const MOST_DOCUMENTS = 300;
const SIDE = 288;

/** @param {Context} context @param {Selection} selection @param {Head} head */
export function positionMatrix({ report }, { model }, head) {
  const element = el('div', { class: 'positions' });
  const load = async () => {
    const kept = [...await report.kept(model) ?? Array(report.manifest.documents.count).keys()];
    const documents = evenly(kept.length, MOST_DOCUMENTS).map((place) => kept[place]);
    // Another head's card takes this one's place: then nobody waits for it.
    let before = false;
    const goOn = (/** @type {number} */ done) => {
      before ||= element.isConnected;
      if (element.isConnected && done < documents.length) {
        fill(element, el('p', { class: 'quiet', role: 'status' },
          `Reading document ${done + 1} of ${documents.length}`));
      }
      return element.isConnected || !before;
    };
    const values = await measurePositions((document) => report.attention(model, head.id, document), documents, goOn);
    if (values) fill(element, ...pictureOf(values, documents.length, report.manifest.documents.count));
  };
  return folded('positions', 'Attention by position in the document', () => {
    load().catch((error) => fill(element, el('p', { class: 'quiet' }, String(error.message))));
    return [element];
  });
}

/** @param {Float64Array} values @param {number} documents @param {number} all */
function pictureOf(values, documents, all) {
  const top = values.reduce((most, value) => (value > most ? value : most), 0);
  const step = SIDE / PARTS;
  const cells = Array.from(values, (value, i) => {
    const [query, key] = [Math.floor(i / PARTS), i % PARTS];
    return svg('rect', {
      class: 'position-cell', x: key * step, y: query * step, width: step, height: step,
      'fill-opacity': top > 0 && value > 0 ? value / top : 0,
      'data-tip': `Queries in part ${query + 1} of ${PARTS}, keys in part ${key + 1}: ${percent(value)}`,
    });
  });
  const most = values.indexOf(top);
  const label = `Mean attention from parts of documents, downwards, to parts, to the right; most from part `
    + `${Math.floor(most / PARTS) + 1} to part ${(most % PARTS) + 1} of ${PARTS}: ${percent(top)}`;
  const of = documents === all ? `all ${count(all)} documents` : `${count(documents)} of ${count(all)} documents`;
  return [
    el('p', { class: 'quiet' }, `Queries downwards, keys to the right, each document cut into ${PARTS} equal parts; `
      + `the mean over the rows of ${of}. Darkest: ${percent(top)}.`),
    svg('svg', { class: 'position-matrix', viewBox: `0 0 ${SIDE} ${SIDE}`, role: 'img', 'aria-label': label },
      ...cells),
  ];
}
