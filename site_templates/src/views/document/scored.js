/**
 * A document shaded by scores that came with its text in place of attention: colours, a legend, and what is said of a
 * token.
 */
import { colorOf } from '../../data/scores.js';
import { inksOn } from '../../draw/heat.js';
import { el, fill } from '../../parts/element.js';
import { nameToken } from '../../parts/names.js';
import { real } from '../../parts/numbers.js';

/** @import { ScoreRow, Tokens } from '../../data/types.js' */
/** @import { Heat } from '../../draw/heat.js' */
/** @import { Colors } from '../../parts/types.js' */
/** @import { Instead } from './reading.js' */
/** @import { Scored } from '../../parts/token-scores.js' */

/** Levels from here on are the colours of a row of scores; those below are of attention. */
const FIRST = 256;
/** What is chosen where a text is shaded by what a head adds to logits. */
export const ADDED = 'added';
const WIDTH = 160;
const HEIGHT = 11;
/** Of the ramp; below it are the marks of least, mean and most. */
const RAMP = 7;

/**
 * The level of each token, 0 where it has no score, and what the levels look like.
 * @param {Scored} scored @param {Colors} theme
 * @returns {{levels: Uint16Array, heat: Heat}}
 */
function scoreShades({ row, values }, theme) {
  const before = new Array(FIRST).fill('');
  const { background, ink } = inksOn(row.colors, theme.ink);
  return {
    levels: Uint16Array.from(values, (score) => (Number.isNaN(score) ? 0 : FIRST + colorOf(row, score))),
    heat: { colors: [], veil: [], background: [...before, ...background], ink: [...before, ...ink] },
  };
}

/** What stands above a text in such colours. @param {ScoreRow} row @param {Colors} theme */
function scoreHeading(row, theme) {
  return ['Scores', el('span', { class: 'quiet' }, el('bdi', {}, row.title)), scoreLegend(row, theme)];
}

/** The scale in its colours, with its numbers. @param {ScoreRow} row @param {Colors} theme */
function scoreLegend(row, theme) {
  const ramp = el('canvas', { class: 'score-ramp', width: WIDTH, height: HEIGHT, 'aria-hidden': 'true' });
  const pen = /** @type {CanvasRenderingContext2D} */ (ramp.getContext('2d'));
  const place = (/** @type {number} */ score) => (row.high > row.low
    ? Math.min(Math.max((score - row.low) / (row.high - row.low), 0), 1) : 0.5);
  for (let x = 0; x < WIDTH; x++) {
    const [r, g, b] = row.colors[colorOf(row, row.low + ((x + 0.5) / WIDTH) * (row.high - row.low))];
    pen.fillStyle = `rgb(${r},${g},${b})`;
    pen.fillRect(x, 0, 1, RAMP);
  }
  pen.fillStyle = `rgb(${theme.ink.join(',')})`;
  for (const score of [row.least, row.mean, row.most]) {
    pen.fillRect(Math.round(place(score) * (WIDTH - 1)), RAMP, 1, HEIGHT - RAMP);
  }
  const words = `least ${real(row.least)}, mean ${real(row.mean)}, most ${real(row.most)}`;
  const scale = `${row.cmap} from ${real(row.low)} to ${real(row.high)}, alpha ${real(row.alpha)}`;
  return el('span', { class: 'score-legend', 'data-tip': `${scale}. The marks are least, mean and most.` },
    ramp, el('span', {}, words));
}

/** "0.31", or that there is none. @param {number} score */
export const scoreInWords = (score) => (Number.isNaN(score) ? 'no score' : real(score));

/** @param {Scored} scored @returns {Instead} */
export function byScores(scored) {
  return {
    heading: (theme) => scoreHeading(scored.row, theme),
    shades: (theme) => scoreShades(scored, theme),
    describe: (tokens, about, pinned) => describeScores(scored, tokens, about, pinned),
    line: (tokens, token) => scoreLine(scored, tokens, token),
  };
}

/**
 * What is said of the tokens that are looked through.
 * @param {Scored} scored @param {Tokens} tokens @param {readonly number[]} about @param {boolean} pinned
 */
function describeScores({ values }, tokens, about, pinned) {
  const each = about.flatMap((token, at) => [at > 0 && ', ', el('b', {}, el('bdi', {}, nameToken(tokens, token))),
    ` ${scoreInWords(values[token])}`]);
  return [about.length > 1 ? 'Tokens ' : 'Token ', ...each,
    pinned ? '. Pinned: point at others for their scores; click it again to let go.'
      : '. Point at another; click pins it.'];
}

/** A token with its score. @param {Scored} scored @param {Tokens} tokens @param {number} token */
function scoreLine({ values }, tokens, token) {
  return el('span', { class: 'pair' }, el('bdi', {}, nameToken(tokens, token)),
    el('b', {}, ` ${scoreInWords(values[token])}`));
}

/** What shades a document: the row of its scores, what is added to logits, or null: attention.
 * @typedef {number | typeof ADDED | null} Shader */

/**
 * What shades a document: attention, a row of the scores that its text came with, or what the head adds to the next
 * token's logit; not seen where there is attention alone.
 * @param {(shader: Shader) => void} onChoose
 */
export function createScoreSwitch(onChoose) {
  const select = el('select', { 'aria-label': 'Shades', onchange: () => (
    onChoose(select.value === ADDED ? ADDED : select.value === '' ? null : Number(select.value))) });
  const element = el('label', { class: 'chip', hidden: true }, el('span', { class: 'chip-label' }, 'Shades'), select);
  return {
    element,
    /** @param {readonly Scored[]} rows @param {boolean} isAttributed @param {Shader} chosen */
    show(rows, isAttributed, chosen) {
      element.hidden = rows.length === 0 && !isAttributed;
      const titles = rows.map(({ row }) => row.title);
      fill(select, el('option', { value: '' }, 'attention'),
        ...titles.map((title, number) => el('option', { value: String(number) }, title)),
        isAttributed && el('option', { value: ADDED }, 'next token’s logit'));
      select.value = String(chosen ?? '');
    },
  };
}
