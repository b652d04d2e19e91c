/**
 * What heads do besides resting, as their statistics say that leave out special tokens and sinks. Pure.
 * @import { Head, Label } from '../data/types.js'
 */

/** A share of attention that is worth a word. */
const LEAST_REST = 0.1;

/**
 * How much of a head's attention rests; null where nothing can, or the report does not say.
 * @param {Pick<Head, 'statistics'>} head
 */
export function restOfHead({ statistics }) {
  return statistics?.rest ?? null;
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
 * All names of a head's labels, awake or not.
 * @param {Pick<Head, 'labels' | 'awake_labels'>} head
 */
export function labelNames({ labels = [], awake_labels: awake = [] }) {
  return [...new Set([...awake, ...labels].map(({ name }) => name))];
}
