/** How far a head's map may be believed, in words, on the map itself. */
import { el, fill } from './element.js';
import { capital } from './names.js';
import { percent, plusMinus } from './numbers.js';
import { mapInWords } from './truth.js';

/** @import { MapFigures, Model } from '../data/types.js' */
/** @import { Head } from './types.js' */

/** Below this share nearness says so little that a reader should be warned. */
const DOUBTFUL = 0.6;

/**
 * @typedef {object} Belief
 * @property {string} title
 * @property {string} text what stands behind it
 * @property {number | null} share that the gauge shows
 * @property {boolean} doubtful
 * @property {readonly string[]} limits what this kind of map cannot show of this head
 */

/**
 * What can be said of a head's map; undefined where there is no such map.
 * @param {Model} model @param {Head} head @param {string} id
 * @returns {Belief | undefined}
 */
export function beliefOf(model, head, id) {
  const figures = head.maps[id];
  const map = model.maps.find((candidate) => candidate.id === id);
  if (!figures || !map) return undefined;
  const known = mapInWords(figures, map.title);
  // An attention map is made from attention itself: what a rule adds to q·k is in it.
  const limits = map.method === 'attention' ? [] : head.limits ?? [];
  const share = typeof figures.top3_mass === 'number' ? figures.top3_mass : null;
  const text = [known?.text, keptOf(figures), neighboursOf(figures)].filter(Boolean).join(' ');
  if (!known) {
    return { title: 'How far nearness means attention is not known here.', share: null, doubtful: true, limits,
      text: `No query on this map may see more than three keys, or it was not measured. ${text}`.trim() };
  }
  return { title: known.title, text, share, doubtful: share !== null && share < DOUBTFUL, limits };
}

/** @param {MapFigures} figures */
function keptOf({ explained }) {
  return typeof explained === 'number'
    ? `The picture keeps ${percent(explained)} of the variance of queries and keys.` : '';
}

/** @param {MapFigures} figures */
function neighboursOf({ trustworthiness, trustworthiness_standard_error: error }) {
  return typeof trustworthiness === 'number'
    ? `Its trustworthiness, as a picture of the space of queries and keys, is ${trustworthiness.toFixed(2)}`
      + `${plusMinus(error)}; 1 would be perfect.` : '';
}

export function createBadge() {
  const element = el('div',
    { class: 'map-badge', tabIndex: 0, hidden: true,
      onpointerdown: /** @param {Event} event */ (event) => event.stopPropagation() });
  return {
    element,
    /** @param {Belief | undefined} belief */
    show(belief) {
      element.hidden = belief === undefined;
      if (!belief) return;
      const { title, text, share, doubtful, limits } = belief;
      element.classList.toggle('doubtful', doubtful || limits.length > 0);
      element.dataset.tip = text;
      const bar = el('span', { class: 'bar' });
      bar.style.width = `${100 * (share ?? 0)}%`;
      fill(element, share !== null && el('span', { class: 'bar-track', 'aria-hidden': 'true' }, bar),
        el('span', {}, title),
        ...limits.map((limit) => el('span', { class: 'map-limit' }, `${capital(limit)}.`)));
    },
  };
}
