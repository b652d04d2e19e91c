/**
 * The types that values of a link have: how each is read from a link's text, what of it a report can show, and how it
 * is written. Pure.
 * @import { LinkType, Scope } from './types.js'
 */

/**
 * One of a few names.
 * @template {string} T
 * @param {(scope: Scope) => readonly T[]} names that a report has, or a viewer
 * @returns {LinkType<T>}
 */
export function choice(names) {
  return {
    read: (text) => /** @type {T} */ (text),
    settle: (value, scope) => names(scope).find((name) => name === value),
    instead: 'showing the usual one instead',
  };
}

/**
 * A whole number from 0 on.
 * @param {(scope: Scope) => number} count how many there are; the first number that is too large
 * @returns {LinkType<number | null>} null: none
 */
export function index(count) {
  return {
    read: (text) => (/^\d+$/.test(text) ? Number(text) : NaN),
    settle: (value, scope) => (value !== null && value < count(scope) ? value : undefined),
    instead: 'none is selected',
  };
}

/**
 * A whole number from 1 to a largest one.
 * @param {number} most
 * @returns {LinkType<number>}
 */
export function amount(most) {
  return {
    read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : NaN),
    settle: (value) => (value >= 1 && value <= most ? value : undefined),
    instead: 'the usual value is taken',
  };
}

/**
 * The same, from 0 to a largest one, where there is always one.
 * @param {number} most
 * @returns {LinkType<number>}
 */
export function ordinal(most) {
  return {
    read: (text) => (/^\d+$/.test(text) ? Number(text) : NaN),
    settle: (value) => (Number.isInteger(value) && value >= 0 && value <= most ? value : undefined),
    instead: 'the usual value is taken',
  };
}

/**
 * A number from 0 to a largest one.
 * @param {number} most
 * @returns {LinkType<number>}
 */
export function share(most) {
  return {
    read: (text) => (/^\d*\.?\d+$/.test(text) ? Number(text) : NaN),
    settle: (value) => (value >= 0 && value <= most ? value : undefined),
    instead: 'the usual value is taken',
  };
}

/** A number of a list of them. */
const NUMBER = /^-?\d{1,6}(\.\d{1,6})?$/;

/**
 * The same, or nothing.
 * @param {number} most
 * @returns {LinkType<number | null>} null: no number
 */
export function shareOrNone(most) {
  const { read, settle, instead } = share(most);
  return { read, settle: (value, scope) => (value === null ? value : settle(value, scope)), instead };
}

/**
 * Whole numbers from 0 on, with commas between, each once and in order.
 * @param {number} most of them
 * @returns {LinkType<string>} '' for none
 */
export function indices(most) {
  return {
    read: (text) => text,
    settle(value) {
      if (value === '') return value;
      const parts = value.split(',');
      if (parts.length > most || !parts.every((part) => /^\d{1,9}$/.test(part))) return undefined;
      return [...new Set(parts.map(Number))].sort((a, b) => a - b).join(',');
    },
    instead: 'none is selected',
  };
}

/**
 * Finite numbers, with commas between.
 * @param {(scope: Scope) => number} count how many belong together
 * @returns {LinkType<string>}
 */
export function numbers(count) {
  return {
    read: (text) => text,
    settle(value, scope) {
      const parts = value.split(',');
      const good = parts.length === count(scope) && parts.every((part) => NUMBER.test(part));
      return value === '' || good ? value : undefined;
    },
    instead: 'the map is looked at as at first',
  };
}

const MOST_CORNERS = 400;

/**
 * A part of a map: one number for so many points nearest to the selected one, four for the corners of a box, pairs for
 * the corners of a lasso.
 * @param {(scope: Scope) => number} before numbers that come before those of a box or a lasso
 * @returns {LinkType<string>}
 */
export function area(before) {
  return {
    read: (text) => text,
    settle(value, scope) {
      const parts = value.split(',');
      const places = parts.length - before(scope);
      const fits = parts.length === 1 ? /^[1-9]\d{0,5}$/.test(value)
        : places >= 4 && places % 2 === 0 && places <= 2 * MOST_CORNERS;
      return value === '' || (fits && parts.every((part) => NUMBER.test(part))) ? value : undefined;
    },
    instead: 'no part of the map is selected',
  };
}

/** Yes or no: 1 in a link, or left out. @type {LinkType<boolean>} */
export const flag = {
  read: (text) => text === '1',
  write: (value) => (value ? '1' : ''),
  settle: (value) => value,
  instead: '',
};

/**
 * Some of a set of names, with commas between.
 * @param {(scope: Scope) => readonly string[]} names that there are
 * @returns {LinkType<string>}
 */
export function list(names) {
  return {
    read: (text) => text,
    settle: (value, scope) => among(value, names(scope)),
    lacks: (value, scope) => value.split(',').some((name) => !names(scope).includes(name)),
    instead: 'what it lacks is left out',
  };
}

/** Any text. @type {LinkType<string>} */
export const text = {
  read: (value) => value,
  settle: (value) => value,
  instead: '',
};

/**
 * Those names of a list that are known, in the order of what is known.
 * @param {string} names with commas between
 * @param {readonly string[]} known
 */
export function among(names, known) {
  const asked = names.split(',');
  return known.filter((name) => asked.includes(name)).join(',');
}
