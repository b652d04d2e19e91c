/**
 * The filter of the heads' table: "L3 entropy > 2, previous ≥ 50 %", and the labels that were chosen. Pure.
 * @import { Head, Model } from '../data/types.js'
 * @import { Column } from './head-columns.js'
 */
import { labelNames } from './awake.js';
import { columnsOf } from './head-columns.js';

/** What stands among labels for heads that have none. */
export const NO_LABEL = 'none';

/**
 * @typedef {object} Filter
 * @property {(head: Head) => boolean} fits
 * @property {string[]} faults what was not understood, as sentences; such parts are left out
 */

/** @type {Record<string, (a: number, b: number) => boolean>} */
const TESTS = {
  '>': (a, b) => a > b, '<': (a, b) => a < b, '≥': (a, b) => a >= b, '≤': (a, b) => a <= b, '=': (a, b) => a === b,
};
/** @type {Record<string, string | undefined>} */
const SAME = { '>=': '≥', '<=': '≤', '==': '=' };
/** One condition: a name, a sign, a number that may be a percentage. */
const CONDITION = /^(.*?)\s*(>=|<=|==|>|<|=|≥|≤)\s*(.*)$/s;
const NUMBER = /^([-+−]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%)?$/i;

/**
 * Conditions on statistics and words of heads' names, commas between. A head must fit all of them.
 * @param {string} text
 * @param {Model} model
 * @returns {Filter}
 */
export function readFilter(text, model) {
  /** @type {Filter['fits'][]} */
  const tests = [];
  /** @type {string[]} */
  const faults = [];
  for (const clause of text.split(/[,;\n]|\band\b/i).map((part) => part.trim()).filter(Boolean)) {
    const parts = CONDITION.exec(clause);
    const test = parts ? readCondition(parts, columnsOf(model)) : readName(clause);
    if (typeof test === 'string') faults.push(test);
    else tests.push(test);
  }
  return { fits: (head) => tests.every((test) => test(head)), faults };
}

/**
 * @param {RegExpExecArray} parts of a condition
 * @param {readonly Column[]} columns
 * @returns {((head: Head) => boolean) | string} the test, or what is wrong
 */
function readCondition([clause, name, sign, right], columns) {
  const column = findColumn(name, columns);
  if (typeof column === 'string') return column;
  const text = right.trim();
  const number = NUMBER.exec(text);
  if (!number && text === '') return `“${clause}” lacks a number.`;
  if (!number) return `“${text}” is no number: write such as ${column.title.toLowerCase()} ${sign} 0.5.`;
  const limit = Number(number[1].replace('−', '-')) / (number[2] ? 100 : 1);
  const test = TESTS[SAME[sign] ?? sign];
  return (head) => {
    const value = column.value(head);
    return value !== null && test(value, limit);
  };
}

/**
 * By its name or title, or by how only one of them begins.
 * @param {string} name
 * @param {readonly Column[]} columns
 * @returns {Column | string} the column, or what is wrong
 */
function findColumn(name, columns) {
  const text = plain(name);
  if (text === '') return 'A condition begins with a statistic: entropy > 2.';
  const namesOf = (/** @type {Column} */ column) => [plain(column.name), plain(column.title)];
  const exact = columns.find((column) => namesOf(column).includes(text));
  const near = columns.filter((column) => namesOf(column).some((each) => each.startsWith(text)));
  if (exact || near.length === 1) return exact ?? near[0];
  if (near.length > 1) return `“${name}” may be ${listTitles(near)}`;
  return `No statistic is named “${name}”; there are ${listTitles(columns)}`;
}

/** The first titles, as the end of a sentence. @param {readonly Column[]} columns */
function listTitles(columns) {
  const titles = columns.slice(0, 4).map(({ title }) => title);
  if (columns.length > titles.length) return `${titles.join('; ')} …`;
  return `${titles.slice(0, -1).join('; ')} or ${titles[titles.length - 1]}.`;
}

/** In small letters, words apart by one space. @param {string} text */
function plain(text) {
  return text.toLowerCase().replace(/[\s_]+/g, ' ').trim();
}

/**
 * Every word must be in the head's name, "layer 3" being one; "L3" is no part of "L30".
 * @param {string} clause
 * @returns {(head: Head) => boolean}
 */
function readName(clause) {
  const words = clause.toLowerCase().replace(/\b(layer|head)\s+(?=\d)/g, '$1-').split(/\s+/);
  const patterns = words.map((word) => {
    const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    return new RegExp(/\d$/.test(word) ? `${literal}(?!\\d)` : literal, 'u');
  });
  return (head) => {
    const name = `${head.id} ${head.stack} layer-${head.layer} head-${head.head}`.toLowerCase();
    return patterns.every((pattern) => pattern.test(name));
  };
}

/**
 * Whether a head has any of the labels, by all of its attention or by what it does besides resting.
 * @param {string} labels with commas between; '' for all heads
 * @param {Head} head
 */
export function hasLabel(labels, head) {
  if (labels === '') return true;
  const chosen = labels.split(',');
  const names = labelNames(head);
  return names.length === 0 ? chosen.includes(NO_LABEL) : names.some((name) => chosen.includes(name));
}
