/** The strongest partners of a token, both ways, with exact shares. */
import { el, fill } from './element.js';
import { nameToken } from './names.js';
import { percent } from './numbers.js';
import { strongest } from './strongest.js';
import { patchSwatch } from './patches.js';

/** @import { DocumentImage, Tokens } from '../data/types.js' */

const MOST = 10;
const LEAST = 5e-4;

/**
 * @param {'query' | 'key'} kind what the partners are: keys that a query looks at, or queries that look at a key
 * @param {(token: number) => void} onPick
 */
export function createPartners(kind, onPick) {
  const list = el('ol', { class: 'partners' });
  const title = el('h3', {}, kind === 'key' ? 'Looks at' : 'Looked at by');
  const element = el('section', { class: 'partners-section' }, title, list);
  return {
    element,
    /**
     * @param {ArrayLike<number> | undefined} values a share for each token
     * @param {Tokens} tokens
     * @param {DocumentImage} [image]
     * @param {string} [rest] what takes the part that a query leaves, such as a learned sink
     */
    show(values, tokens, image, rest = '') {
      const best = values ? strongest(values, 1e-6, MOST) : [];
      const most = best[0]?.weight ?? 1;
      fill(list,
        ...best.map(({ index, weight }) =>
          item(kind, tokens, index, patchSwatch(image, tokens, index), weight / most, weight, onPick)));
      if (values && rest && kind === 'key') list.append(...restItem(values, rest));
      if (best.length === 0) {
        const nothing = kind === 'key' ? 'Nothing: no key is allowed, or none is left.' : 'Nobody.';
        fill(list, el('li', { class: 'quiet' }, nothing));
      }
    },
  };
}

/** What the query leaves. @param {ArrayLike<number>} values @param {string} name of what takes it */
function restItem(values, name) {
  let rest = 1;
  for (let key = 0; key < values.length; key++) rest -= values[key];
  return rest < LEAST ? [] : [el('li', { class: 'partner sink-share' },
    el('span', { class: 'partner-name' }, name), el('span', { class: 'partner-place' }, 'no token'),
    el('span', { class: 'partner-share' }, percent(rest)))];
}

/**
 * @param {'query' | 'key'} kind @param {Tokens} tokens @param {number} index @param {HTMLElement | null} swatch
 * @param {number} length of the bar @param {number} weight @param {(token: number) => void} onPick
 */
function item(kind, tokens, index, swatch, length, weight, onPick) {
  const bar = el('span', { class: 'partner-bar', 'aria-hidden': 'true' });
  bar.style.width = `${100 * length}%`;
  return el('li', {},
    el('button', { type: 'button', class: 'partner', onclick: () => onPick(index), 'data-token': index },
    bar, swatch, el('bdi', { class: `partner-name ${kind}` }, nameToken(tokens, index)),
    el('span', { class: 'partner-place' }, String(index + 1)),
    el('span', { class: 'partner-share' }, percent(weight))));
}
