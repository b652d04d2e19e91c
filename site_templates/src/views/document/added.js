/**
 * A document shaded by what a head adds to the logit of the token that follows each: colours for what raises and what
 * lowers it, the keys that this comes from below the tokens, and beside them all that adds to one logit.
 */
import { HEAT_STEPS as STEPS, makeHeat } from '../../draw/heat.js';
import { el, fill } from '../../parts/element.js';
import { nameToken } from '../../parts/names.js';
import { signed } from '../../parts/numbers.js';

/** @import { AddedByPairs, Attribution, Tokens } from '../../data/types.js' */
/** @import { Heat } from '../../draw/heat.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Colors, Context } from '../../parts/types.js' */
/** @import { Instead } from './reading.js' */

const MOST = 5;
const WIDTH = 120;
const FILLED_AND_UNDERLINED = 'filled: after each token; underlined: by attending to each from the one in hand';
const MEANING = 'Direct logit attribution: what the head’s output at each token adds to the logit of the token that '
  + 'follows, by way of the last norm, whose scale is as it is, and the unembedding. What later layers make of it is '
  + 'theirs.';
/** @type {WeakMap<Colors, Heat>} */
const heats = new WeakMap();

/**
 * What shades a document, with the card that stands below it.
 * @param {Context} context @param {Selection} selection @param {Texts} texts
 * @returns {Promise<Instead & {card: HTMLElement, values: Float64Array}>}
 */
export async function loadAdded({ report, state }, { model, head }, { document, queries }) {
  const attribution = await report.attribution(model, document);
  const pairs = attribution && await report.addedByPairs(model, head, document);
  const count = queries.texts.length;
  const values = Float64Array.from({ length: count }, (_, token) => (
    attribution && token < attribution.tokens ? attribution.head(head, token) : NaN));
  const card = el('section', { class: 'added', 'aria-label': 'What adds to the next token’s logit' });
  const most = largest(values);
  const choose = (/** @type {string} */ id) => state.set({ head: id });
  return {
    card,
    values,
    heading: (theme) => [`${head} adds to the next token`,
      el('span', { class: 'quiet' }, pairs ? FILLED_AND_UNDERLINED : 'after each token'),
      legend(most, theme)],
    shades(theme, [token]) {
      const heat = heatOf(theme);
      const row = token === undefined || !pairs || token >= count - 1 ? undefined : pairs(token);
      fill(card, ...cardOf(attribution, queries, token, choose));
      return {
        levels: levelsOf(values, most), heat,
        ...row ? { under: { levels: levelsOf(row, largest(row)), heat } } : {},
      };
    },
    describe: (tokens, about, pinned) => describe(head, values, tokens, about, pinned),
    line: (tokens, token, [active]) => lines(head, tokens, values, pairs, token, active),
  };
}

/** Levels 1 to n raise, n + 1 to 2 n lower, n the steps of one hue. @param {Colors} theme @returns {Heat} */
function heatOf(theme) {
  let heat = heats.get(theme);
  if (!heat) {
    const [up, down] = [theme.accent, theme.caution].map((hue) => makeHeat(theme.page, hue, theme.ink));
    /** @template T @param {(heat: Heat) => readonly T[]} part */
    const both = (part) => [...part(up), ...part(down).slice(1)];
    heat = {
      colors: both(({ colors }) => colors), ink: both(({ ink }) => ink), veil: both(({ veil }) => veil),
      background: both(({ background }) => background),
    };
    heats.set(theme, heat);
  }
  return heat;
}

/** @param {Float64Array} values */
function largest(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
}

/** @param {Float64Array} values @param {number} most */
function levelsOf(values, most) {
  return Uint8Array.from(values, (value) => {
    const level = Math.round((Math.abs(value) || 0) / (most || 1) * STEPS);
    return value < 0 && level > 0 ? STEPS + level : level;
  });
}

/** @param {number} most @param {Colors} theme */
function legend(most, theme) {
  const { colors } = heatOf(theme);
  const ramp = el('canvas', { class: 'score-ramp', width: WIDTH, height: 7, 'aria-hidden': 'true' });
  const pen = /** @type {CanvasRenderingContext2D} */ (ramp.getContext('2d'));
  for (let x = 0; x < WIDTH; x++) {
    const part = Math.round((2 * (x + 0.5) / WIDTH - 1) * STEPS);
    pen.fillStyle = `rgb(${colors[part < 0 ? STEPS - part : part].join(',')})`;
    pen.fillRect(x, 0, 1, 7);
  }
  return el('span', { class: 'score-legend', 'data-tip': MEANING }, el('span', {}, `lowers ${signed(-most)}`), ramp,
    el('span', {}, `raises ${signed(most)}`));
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

/**
 * @param {string} head @param {Tokens} tokens @param {Float64Array} values @param {AddedByPairs | null} pairs
 * @param {number} token @param {number | undefined} active
 */
function lines(head, tokens, values, pairs, token, active) {
  const named = (/** @type {number} */ place) => el('bdi', {}, nameToken(tokens, place));
  const count = tokens.texts.length;
  const parts = [];
  if (token < count - 1) {
    parts.push(el('div', {}, `${head} at `, named(token), el('b', {}, ` ${figure(values[token])}`), ' to ',
      named(token + 1)));
  }
  if (pairs && active !== undefined && active < count - 1) {
    parts.push(el('div', {}, `${head} from `, named(active), ' → ', named(token),
      el('b', {}, ` ${figure(pairs(active)[token])}`), ' to ', named(active + 1)));
  }
  return el('div', { class: 'pair' }, ...parts.length > 0 ? parts : ['No token follows.']);
}

/** @param {number} value */
function figure(value) {
  return Number.isNaN(value) ? 'nothing that is known' : signed(value);
}

/**
 * All that adds to the logit of the token that follows: the heads that add most, and the sums of the rest.
 * @param {Attribution | null} attribution @param {Tokens} tokens @param {number | undefined} token
 * @param {(head: string) => void} choose
 */
function cardOf(attribution, tokens, token, choose) {
  if (!attribution || token === undefined || token >= attribution.tokens) {
    return [el('p', { class: 'quiet' }, 'No token follows, so there is no logit to add to.')];
  }
  const { logit, heads, embedding, feedForward, biases, rest } = attribution.sums(token);
  const known = attribution.heads(token).filter(({ by }) => !Number.isNaN(by));
  const raised = known.filter(({ by }) => by > 0).sort((a, b) => b.by - a.by).slice(0, MOST);
  const lowered = known.filter(({ by }) => by < 0).sort((a, b) => a.by - b.by).slice(0, MOST);
  const sums = [['all heads', heads], ['feed-forward layers', feedForward], ['embedding', embedding],
    ['biases', biases], ['the rest of blocks', rest]];
  const listed = sums.filter(([, value]) => value !== 0).map(([name, value]) => `${name} ${signed(Number(value))}`);
  return [
    el('p', {}, 'Logit of ', el('b', {}, el('bdi', {}, nameToken(tokens, token + 1))), ` after `,
      el('bdi', {}, nameToken(tokens, token)), ': ', el('b', {}, signed(logit)),
      el('span', { class: 'quiet' }, ` = ${listed.join(', ')}`)),
    ranked('Raise it most', raised, choose), ranked('Lower it most', lowered, choose),
  ];
}

/** @param {string} title @param {readonly {head: string, by: number}[]} heads @param {(head: string) => void} choose */
function ranked(title, heads, choose) {
  return el('section', {}, el('h3', {}, title), el('ol', {}, ...heads.map(({ head, by }) => el('li', {},
    el('button', { type: 'button', class: 'link-button', onclick: () => choose(head) }, head), ` ${signed(by)}`)),
  heads.length === 0 && el('li', { class: 'quiet' }, 'No head.')));
}
