/**
 * The views, in the order of their tabs and number keys; the first is shown where a link names none.
 * To add one: a folder beside this file whose index.js says what it is, and its line here.
 */
import atlas from './atlas/index.js';
import compare from './compare/index.js';
import document from './document/index.js';
import head from './head/index.js';
import heads from './heads/index.js';
import lines from './lines/index.js';
import matrix from './matrix/index.js';
import neuron from './neuron/index.js';
import patterns from './patterns/index.js';

/** @type {readonly import('../parts/types.js').ViewDefinition[]} */
export const VIEWS = [atlas, head, document, lines, matrix, patterns, neuron, compare, heads];
