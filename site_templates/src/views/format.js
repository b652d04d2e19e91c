/** Numbers and names for people: sensible digits, units, and certificates in plain words. */
import { isShare } from '../state/layout.js';

/** @import { Certificate, Model } from '../data/types.js' */

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

/**
 * A probability as a percentage, with the digits that mean something.
 * @param {number} p
 */
export function percent(p) {
  if (Number.isNaN(p)) return '–';
  const value = 100 * p;
  if (value === 0) return `0${THIN}%`;
  if (value < 0.01) return `<${THIN}0.01${THIN}%`;
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

/** Value and unit in words, for names that are read aloud. @param {Model['statistics'][number]} statistic @param {number | null | undefined} value */
export function figureInWords(statistic, value) {
  const text = figure(value, statistic.unit);
  return `${statistic.title} ${isShare(statistic.unit) || text === '–' ? text : `${text} ${statistic.unit}`}`;
}

/** @param {number} value */
export function bytes(value) {
  if (value < 1e6) return `${(value / 1e3).toFixed(0)} kB`;
  return `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB`;
}

/** An error of attention, in percentage points. @param {number} value */
export function points(value) {
  const scaled = 100 * value;
  if (scaled === 0) return '0';
  if (scaled < 0.0001) return 'less than 0.0001';
  return String(Number(scaled.toPrecision(2)));
}

/** @param {Certificate} certificate @returns {{title: string, text: string}} */
export function certificateInWords(certificate) {
  const how = certificate.sampled ? 'a sample of ' : '';
  return {
    title: `Stored attention is right to ${percent(certificate.total_variation)}.`,
    text: `It differs from the model’s own by ${percent(certificate.total_variation)} of a query’s attention on average, `
      + `${percent(certificate.worst_total_variation)} in the worst document, and in no single weight by more than ${points(certificate.max_error)} points. `
      + `The strongest key is the same in ${percent(certificate.top1)} of rows. Measured on ${how}${plural(certificate.rows, 'row')}.`,
  };
}

/** A long text's beginning. @param {string} text @param {number} length in characters */
export function clip(text, length) {
  const characters = Array.from(text.slice(0, 2 * length + 2));
  return characters.length > length ? `${characters.slice(0, length).join('')}…` : text;
}

/** What to call a token in a line of text: its slice of the document, else the vocabulary's piece. @param {string} surface @param {string} piece */
export function tokenName(surface, piece) {
  const name = surface.trim() === '' ? piece || '∅' : surface.trim();
  return clip(name, 32);
}
