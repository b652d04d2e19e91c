/**
 * A document shaded by what a head adds to the logit of the token that follows each: colours for what raises and what
 * lowers it, the keys that this comes from below the tokens, and beside them all that adds to one logit.
 */
import { el } from '../../parts/element.js';
import { nameToken } from '../../parts/names.js';
import { signed } from '../../parts/numbers.js';
import { createAddedCard } from './added-card.js';
import { heatOf, largest, legend, levelsOf } from './added-hues.js';

/** @import { AddedByPairs, Tokens } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { Instead } from './reading.js' */

const FILLED_AND_UNDERLINED = 'filled: after each token; underlined: by attending to each from the one in hand';

/**
 * What shades a document, with the card that stands below it.
 * @param {Context} context @param {Selection} selection @param {Texts} texts
 * @returns {Promise<Instead & {card: HTMLElement, values: Float64Array}>}
 */
export async function loadAdded({ report, state, tooltip }, { model, head }, { document, queries: tokens }) {
  const attribution = await report.attribution(model, document);
  const pairs = attribution && await report.addedByPairs(model, head, document);
  const count = tokens.texts.length;
  const values = Float64Array.from({ length: count }, (_, token) => (
    attribution && token < attribution.tokens ? attribution.head(head, token) : NaN));
  const most = largest(values);
  const card = createAddedCard({ head, tokens, attribution, pairs }, {
    onHead: (id) => state.set({ head: id }),
    onToken: (token) => state.set({ doc: document, token, side: 'query' }),
    onPoint: (query, key, at) => tooltip.show(at, pairs && pairLine(head, tokens, pairs, query, key)),
    onLeave: () => tooltip.hide(),
  });
  return {
    card: card.element,
    values,
    heading: (theme) => [`${head} adds to the next token`,
      el('span', { class: 'quiet' }, pairs ? FILLED_AND_UNDERLINED : 'after each token'),
      legend(most, theme)],
    shades(theme, [token]) {
      const heat = heatOf(theme);
      const row = token === undefined || !pairs || token >= count - 1 ? undefined : pairs(token);
      card.show(theme, token);
      return {
        levels: levelsOf(values, most), heat,
        ...row ? { under: { levels: levelsOf(row, largest(row)), heat } } : {},
      };
    },
    describe: (_, about, pinned) => describe(head, values, tokens, about, pinned),
    line: (_, token, [active]) => el('div', {}, ownLine(head, tokens, values, token),
      pairs && active !== undefined && pairLine(head, tokens, pairs, active, token)),
  };
}

/** @param {string} head @param {Float64Array} values @param {Tokens} tokens @param {readonly number[]} about
 * @param {boolean} pinned */
function describe(head, values, tokens, about, pinned) {
  const [token] = about;
  const end = pinned ? ' Pinned: point at others for their figures; click it again to let go.'
    : ' Point at another; click pins it.';
  if (token === undefined) return [end];
  const name = el('b', {}, el('bdi', {}, nameToken(tokens, token)));
  if (token >= tokens.texts.length - 1) return ['No token follows ', name, '.', end];
  return ['After ', name, ` ${head} adds `, el('b', {}, figure(values[token])), ' to the logit of ',
    el('bdi', {}, nameToken(tokens, token + 1)), '.', end];
}

/** @param {string} head @param {Tokens} tokens @param {Float64Array} values @param {number} token */
function ownLine(head, tokens, values, token) {
  if (token >= tokens.texts.length - 1) return el('div', {}, 'No token follows.');
  return el('div', { class: 'pair' }, `${head} at `, named(tokens, token), el('b', {}, ` ${figure(values[token])}`),
    ' to ', named(tokens, token + 1));
}

/** @param {string} head @param {Tokens} tokens @param {AddedByPairs} pairs @param {number} query @param {number} key */
function pairLine(head, tokens, pairs, query, key) {
  if (query >= tokens.texts.length - 1) return null;
  return el('div', { class: 'pair' }, `${head} from `, named(tokens, query), ' → ', named(tokens, key),
    el('b', {}, ` ${figure(pairs(query)[key])}`), ' to ', named(tokens, query + 1));
}

/** @param {Tokens} tokens @param {number} token */
function named(tokens, token) {
  return el('bdi', {}, nameToken(tokens, token));
}

/** @param {number} value */
function figure(value) {
  return Number.isNaN(value) ? 'nothing that is known' : signed(value);
}
