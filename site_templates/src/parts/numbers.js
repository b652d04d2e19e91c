/** Numbers for people: sensible digits, and units. */
import { isShare } from '../state/layout.js';

/** @import { Model } from '../data/types.js' */

const grouped = new Intl.NumberFormat('en');

/** A narrow space that does not break, before units. */
export const THIN = '\u202f';

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
  const size = Math.abs(value);
  return value.toFixed(size >= 10 ? 1 : size < 0.005 && size >= 0.00005 ? 4 : 2);
}

/** What is not a share, with two digits that mean something, and a true minus. @param {number} value */
export function amount(value) {
  const size = Math.abs(value);
  if (Number.isNaN(value)) return '–';
  if (size < 0.00005) return size === 0 ? '0' : 'under 0.0001';
  const digits = size >= 0.1 ? 2 : Math.min(4, 1 - Math.floor(Math.log10(size)));
  return value.toFixed(digits).replace('-', '−');
}

/** The same with its sign. @param {number} value */
export function signed(value) {
  const text = amount(Math.abs(value));
  return value === 0 || Number.isNaN(value) ? text : `${value < 0 ? '−' : '+'}${text}`;
}

/**
 * Value and unit in words, for names that are read aloud.
 * @param {Model['statistics'][number]} statistic
 * @param {number | null | undefined} value
 * @param {number | null} [error] its standard error, of a sample
 */
export function figureInWords(statistic, value, error) {
  const text = figure(value, statistic.unit);
  const words = isShare(statistic.unit) || text === '–' ? text : `${text} ${statistic.unit}`.trim();
  return `${statistic.title} ${words}${errorOf(error, statistic.unit)}`;
}

/** Two digits that mean something, upwards. @param {number} error */
export function rounded(error) {
  if (error <= 0) return '0';
  const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(error))));
  return (Math.ceil(error * 10 ** digits * (1 - 1e-12)) / 10 ** digits).toFixed(digits);
}

/** A standard error after its figure; empty where it has none. @param {number | null | undefined} error */
export function plusMinus(error) {
  return typeof error === 'number' ? ` ±${THIN}${rounded(error)}` : '';
}

/** The same; of a share, in percentage points. @param {number | null | undefined} error @param {string} unit */
export function errorOf(error, unit) {
  return plusMinus(typeof error === 'number' && isShare(unit) ? 100 * error : error);
}

/** A real number with two decimals, so that a column of them lines up, and a true minus. @param {number} value */
export function hundredths(value) {
  const text = value.toFixed(2);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
}

/** A real number with so many digits that mean something, a true minus before what is below 0.
 * @param {number} value @param {number} [digits] */
export function real(value, digits = 4) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e-4 && size < 1e6 ? String(Number(size.toPrecision(digits))) : size.toExponential(digits - 1);
  return `${value < 0 ? '−' : ''}${text}`;
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
