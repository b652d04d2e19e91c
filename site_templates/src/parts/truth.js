/** How true what is shown is, in plain words: the certificate of stored attention, the figures of a map. */
import { WORDS } from '../format/words.js';
import { atMost, count, percent, plural, rounded, THIN } from './numbers.js';

/** @import { Certificate, MapFigures } from '../data/types.js' */

/** A share that is nearly all is not rounded up to all. @param {number} share */
function nearlyAll(share) {
  return share >= 0.999 && share < 1 ? `${(Math.floor(share * 1e4) / 100).toFixed(2)}${THIN}%` : percent(share);
}

/**
 * A sentence of format/words.js with its figures.
 * @param {string} words
 * @param {Record<string, string>} figures
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
    mean_error: `${atMost(certificate.total_variation_standard_error ?? 0)}${THIN}%`,
    worst_error: `${atMost(certificate.worst_total_variation_standard_error ?? 0)}${THIN}%`,
    top1_error: `${atMost(certificate.top1_standard_error ?? 0)}${THIN}%`,
    reference: references[certificate.reference] ?? certificate.reference,
    method: certificate.quantization ?? '',
  };
  const error = certificate.total_variation_standard_error;
  const noModel = certificate.reference === 'given';
  const variationWords = noModel ? words.variation_without_model : words.variation;
  const sentences = [variationWords, sampled ? words.error_of_sample : words.error,
    sampled ? words.rows_of_sample : words.rows, ...(typeof error === 'number' ? [words.errors_of_sample] : []),
    ...(noModel ? [words.without_model] : []), ...(certificate.quantization ? [words.quantised] : [])];
  return { title: phrase(words.verdict, figures), text: sentences.map((each) => phrase(each, figures)).join(' ') };
}

/**
 * What a map's figures say of it; null where they were not measured.
 * @param {Partial<MapFigures>} figures of one head's map
 * @param {string} title the map's
 */
export function mapInWords(figures, title) {
  const { top3_mass: mass, rank } = figures;
  if (typeof mass !== 'number') return null;
  const share = `${Math.floor(100 * mass)}${THIN}%`;
  const order = typeof rank === 'number'
    ? ` Distance orders keys as attention does with a rank correlation of ${rank.toFixed(2).replace('-', '−')}; −1 `
      + `would be perfect.` : '';
  return {
    title: `The three nearest keys carry ${figures.sampled ? 'about ' : ''}${share} of what any three could.`,
    text: `On this map (${title}), averaged over queries.${order}${measuredOn(figures)}`,
  };
}

/** On how many queries, and how far a sample's figures may be off. @param {Partial<MapFigures>} figures */
function measuredOn({ rows, sampled, top3_mass_standard_error: massError, rank_standard_error: rankError }) {
  if (typeof rows !== 'number') return '';
  const queries = plural(rows, 'query', 'queries');
  if (typeof sampled !== 'boolean') return ` Measured on ${queries}.`;
  if (!sampled) return ` Measured on all ${queries}, so exact.`;
  const errors = [
    typeof massError === 'number' && `±${THIN}${percentagePoints(massError)} percentage points for the share`,
    typeof rankError === 'number' && `±${THIN}${rounded(rankError)} for the correlation`,
  ].filter(Boolean);
  const stated = errors.length > 0 ? `; standard error ${errors.join(', ')}` : '';
  return ` Measured on a sample of ${queries} in which each has the same chance${stated}.`;
}

/** A standard error of a share, never rounded below itself. @param {number} error */
export function percentagePoints(error) {
  return rounded(100 * error);
}
