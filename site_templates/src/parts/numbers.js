/** Numbers and names for people: sensible digits, units, and certificates in plain words. */
import { WORDS } from '../format/words.js';
import { isShare } from '../state/layout.js';

/** @import { Certificate, Model, Tokens } from '../data/types.js' */

const grouped = new Intl.NumberFormat('en');

/** A narrow space that does not break, before units. */
const THIN = '\u202f';

/** @param {number} value */
export function count(value) {
  return grouped.format(value);
}

/** @param {number} value @param {string} one @param {string} [many] */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** So many tokens or patches. @param {number} value @param {string} unit */
export function units(value, unit) {
  return plural(value, unit, manyOf(unit));
}

/** "tokens", "patches". @param {string} unit */
export function manyOf(unit) {
  return unit.endsWith('patch') ? `${unit}es` : `${unit}s`;
}

/**
 * A probability as a percentage, with the digits that mean something.
 * @param {number} p
 */
export function percent(p) {
  if (Number.isNaN(p)) return '–';
  const value = 100 * p;
  if (value === 0 || value === 100) return `${value}${THIN}%`;
  if (value < 0.01) return `under${THIN}0.01${THIN}%`;
  return `${value.toFixed(value < 0.995 ? 2 : 1)}${THIN}%`;
}

/** The same, short, for labels in a picture. @param {number} p */
export function roughPercent(p) {
  return 100 * p < 0.95 ? percent(p) : `${Math.round(100 * p)}${THIN}%`;
}

/**
 * A statistic's value, without its unit where that is a share.
 * @param {number | null | undefined} value
 * @param {string} unit
 */
export function figure(value, unit) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (isShare(unit)) return `${Math.round(100 * value)}${THIN}%`;
  return Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(1);
}

/**
 * Value and unit in words, for names that are read aloud.
 * @param {Model['statistics'][number]} statistic
 * @param {number | null | undefined} value
 */
export function figureInWords(statistic, value) {
  const text = figure(value, statistic.unit);
  return `${statistic.title} ${isShare(statistic.unit) || text === '–' ? text : `${text} ${statistic.unit}`.trim()}`;
}

/** @param {number} value */
export function bytes(value) {
  if (value < 1e6) return `${(value / 1e3).toFixed(0)} kB`;
  return `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB`;
}

/**
 * A bound as a number of percentage points, never rounded below the truth: two digits, upwards.
 * @param {number} share
 */
export function atMost(share) {
  const value = 100 * share;
  if (!(value > 0)) return '0';
  const digits = Math.min(Math.max(1 - Math.floor(Math.log10(value)), 0), 6);
  // Anything that floating point added is not worth a whole last digit.
  return (Math.ceil(value * 10 ** digits * (1 - 1e-12)) / 10 ** digits).toFixed(digits);
}

/** A share that is nearly all is not rounded up to all. @param {number} share */
function nearlyAll(share) {
  return share >= 0.999 && share < 1 ? `${(Math.floor(share * 1e4) / 100).toFixed(2)}${THIN}%` : percent(share);
}

/**
 * A sentence of format/words.js with its figures.
 * @param {string} words @param {Record<string, string>} figures
 */
export function phrase(words, figures) {
  return words.replace(/\{(\w+)\}/g, (_, name) => figures[name]);
}

/**
 * The same words as on the heads' own pages.
 * @param {Certificate} certificate
 * @returns {{title: string, text: string}}
 */
export function certificateInWords({ total_variation: variation, worst_total_variation, sampled, ...certificate }) {
  const words = WORDS.certificate;
  /** @type {Record<string, string>} */
  const references = WORDS.references;
  const figures = {
    mean: `${atMost(variation)}${THIN}%`,
    worst: `${atMost(worst_total_variation)}${THIN}%`,
    error: atMost(certificate.max_error),
    top1: nearlyAll(certificate.top1),
    rows: count(certificate.rows),
    reference: references[certificate.reference] ?? certificate.reference,
  };
  const sentences = [words.variation, sampled ? words.error_of_sample : words.error,
    sampled ? words.rows_of_sample : words.rows];
  return { title: phrase(words.verdict, figures), text: sentences.map((each) => phrase(each, figures)).join(' ') };
}

/**
 * What a map's figures say of it; null where they were not measured.
 * @param {Partial<import('../data/types.js').MapFigures>} figures of one head's map @param {string} title the map's
 */
export function mapInWords({ top3_mass: mass, rank, rows }, title) {
  if (typeof mass !== 'number') return null;
  const share = `${Math.floor(100 * mass)}${THIN}%`;
  const order = typeof rank === 'number'
    ? ` Distance orders keys as attention does with a rank correlation of ${rank.toFixed(2).replace('-', '−')}; −1 `
      + `would be perfect.` : '';
  const measured = typeof rows === 'number' ? ` Measured on ${plural(rows, 'query', 'queries')}.` : '';
  return {
    title: `The three nearest keys carry ${share} of what any three could.`,
    text: `On this map (${title}), averaged over queries.${order}${measured}`,
  };
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A long text's beginning. @param {string} text @param {number} length in characters */
export function clip(text, length) {
  const characters = Array.from(text.slice(0, 2 * length + 2));
  return characters.length > length ? `${characters.slice(0, length).join('')}…` : text;
}

/**
 * What to call a token in a line of text: its slice of the document, else the vocabulary's piece.
 * @param {string} surface
 * @param {string} piece
 */
export function tokenName(surface, piece) {
  const name = surface.trim() === '' ? piece || '∅' : surface.trim();
  return clip(name, 32);
}

const PLACE = /^\d+,\d+$/;

/**
 * A token by its index; a patch by its row and column, counted from one, or by its own name, such as a frame's.
 * @param {Tokens} tokens
 * @param {number} index
 */
export function nameToken(tokens, index) {
  if (tokens.row[index] >= 0 && PLACE.test(tokens.texts[index])) {
    return `r${tokens.row[index] + 1} c${tokens.column[index] + 1}`;
  }
  return tokenName(tokens.surface(index), tokens.texts[index]);
}
