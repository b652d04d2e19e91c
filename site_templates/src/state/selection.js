/**
 * The selection and its spelling in a link, both ways, by the table of link-keys.js. Pure: no window, no loading.
 * @import { Known, LinkKey, LinkName, Patch, Scope, Selection } from './types.js'
 */
import { LINK_KEYS } from './link-keys.js';

/** Longer values are cut where a notice quotes them. */
const MOST_QUOTED = 40;

/** The table as rows: what holds for each key, whatever its values are. */
const ROWS = /** @type {readonly [LinkName, LinkKey<unknown>][]} */ (Object.entries(LINK_KEYS));

/**
 * The selection that a link names. Values that the report does not have fall back, and say so.
 * @param {string} hash such as "#model=minilm&head=L5H3&doc=12"
 * @param {Known} known
 * @returns {{selection: Selection, notices: string[]}}
 */
export function readSelection(hash, known) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  /** @type {Record<string, unknown>} */
  const patch = { extra: [...params].filter(([name]) => !Object.hasOwn(LINK_KEYS, name)) };
  for (const [name, { type }] of ROWS) {
    const text = params.get(name);
    if (text) patch[name] = type.read(text);
  }
  const selection = settle(patch, known);
  return { selection, notices: complaints(params, patch, scopeOf(selection, known)) };
}

/**
 * One sentence for each value of a link that the report does not have.
 * @param {URLSearchParams} params
 * @param {Record<string, unknown>} patch the values that were read
 * @param {Scope} scope
 * @returns {string[]}
 */
function complaints(params, patch, scope) {
  return ROWS.flatMap(([name, { type, called = name, applies }]) => {
    if (!(name in patch) || applies?.(scope) === false) return [];
    const value = patch[name];
    const fits = type.settle(value, scope) !== undefined && !type.lacks?.(value, scope);
    if (fits) return [];
    const instead = typeof type.instead === 'string' ? type.instead : type.instead(scope);
    const quoted = shorten(params.get(name) ?? '');
    return [`The link asks for ${called} “${quoted}”, which this report does not have; ${instead}.`];
  });
}

/**
 * A whole selection from a partial one: what is absent, or not in the report, gets its default.
 * @param {Patch} patch
 * @param {Known} known
 * @returns {Selection}
 */
export function settle(patch, known) {
  /** @type {Record<string, unknown>} */
  const selection = {};
  for (const [name, { type, usual, applies }] of ROWS) {
    const scope = scopeOf(selection, known);
    const value = patch[name];
    const settled = value === undefined || applies?.(scope) === false ? undefined : type.settle(value, scope);
    selection[name] = settled ?? usual(scope);
  }
  return /** @type {Selection} */ (/** @type {unknown} */ (Object.freeze({ ...selection, extra: patch.extra ?? [] })));
}

/**
 * A selection with some of it changed; what belonged to what is changed falls back.
 * @param {Selection} selection
 * @param {Patch} patch
 * @param {Known} known
 */
export function change(selection, patch, known) {
  /** @type {Record<string, unknown>} */
  const next = { ...selection, ...patch };
  for (const [name, { of = [] }] of ROWS) {
    if (!(name in patch) && of.some((other) => next[other] !== selection[other])) delete next[name];
  }
  return settle(next, known);
}

/**
 * The link of a selection. Without `full`, keys that hold their default are left out.
 * @param {Selection} selection
 * @param {Known} known
 * @param {boolean} [full]
 */
export function writeSelection(selection, known, full = false) {
  const plain = settle({ model: selection.model }, known);
  const params = new URLSearchParams();
  for (const [name, { type, written, full: always = false }] of ROWS) {
    const value = selection[name];
    const needed = (full && always) || (written ? written(selection, known) : value !== plain[name]);
    const text = value === null ? '' : type.write?.(value) ?? String(value);
    if (needed && text !== '') params.set(name, text);
  }
  for (const [name, value] of selection.extra) params.append(name, value);
  const hash = params.toString();
  return hash ? `#${hash}` : '';
}

/** Whether a link would be the same for both. @param {Selection} a @param {Selection} b */
export function sameSelection(a, b) {
  return ROWS.every(([name]) => a[name] === b[name])
    && a.extra.length === b.extra.length
    && a.extra.every(([name, value], i) => name === b.extra[i][0] && value === b.extra[i][1]);
}

/** @param {Partial<Selection>} selection as far as it is settled @param {Known} known @returns {Scope} */
function scopeOf(selection, known) {
  return { known, selection, model: known.model(selection.model ?? '') };
}

/** @param {string} text */
function shorten(text) {
  return text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text;
}
