/**
 * What heads do besides resting, as their statistics say that leave out special tokens and sinks: what leads where a
 * head is described in a few words. Its twin for pages is `site/leading.py`. Pure.
 * @import { Head, Label, Model } from '../data/types.js'
 */

/** A share of attention that is worth a word. */
const LEAST_REST = 0.1;

/** The statistic of how much rests. */
export const REST = 'rest';

/** What begins the names of statistics that leave out where a head rests. */
const AWAKE = 'awake_';

/**
 * How much of a head's attention rests; null where nothing can, or the report does not say.
 * @param {Pick<Head, 'statistics'>} head
 */
export function restOfHead({ statistics }) {
  return statistics?.[REST] ?? null;
}

/** Whether so much rests that it is worth a word. @param {Pick<Head, 'statistics'>} head */
export function restsOften(head) {
  return (restOfHead(head) ?? 0) >= LEAST_REST;
}

/**
 * The labels that say most of a head: of what it does besides resting, or of all of its attention where nothing rests.
 * @param {Pick<Head, 'statistics' | 'labels' | 'awake_labels'>} head
 * @returns {readonly Label[]}
 */
export function leadingLabels(head) {
  return (restOfHead(head) === null ? head.labels : head.awake_labels) ?? [];
}

/**
 * The name of a statistic, without "awake", if it is one of those that lead for a head: of what it does besides
 * resting, or of all of its attention where nothing rests.
 * @param {Pick<Head, 'statistics'>} head @param {string} name
 * @returns {string | null}
 */
export function leadingName(head, name) {
  const awake = name.startsWith(AWAKE);
  if (awake !== (restOfHead(head) !== null)) return null;
  return awake ? name.slice(AWAKE.length) : name;
}

/**
 * The statistic of how much of a head's attention rests, where that is worth a word.
 * @param {Pick<Model, 'statistics'>} model @param {Pick<Head, 'statistics'>} head
 * @returns {Model['statistics']}
 */
export function restStatistic({ statistics }, head) {
  return restsOften(head) ? statistics.filter(({ name }) => name === REST) : [];
}

/**
 * All names of a head's labels, awake or not.
 * @param {Pick<Head, 'labels' | 'awake_labels'>} head
 */
export function labelNames({ labels = [], awake_labels: awake = [] }) {
  return [...new Set([...awake, ...labels].map(({ name }) => name))];
}
