/**
 * The selection and its spelling in a link, both ways. Pure: no window, no loading.
 * @import { AggregateKind, Known, Patch, Selection, Side } from './types.js'
 */
import { readColor } from './colors.js';
import { HEADS_KEYS, SHOWN, TINTS, headsNames, settleHeads } from './heads-keys.js';
import { readSort } from './heads-order.js';
import { defaultHead } from './layout.js';

/** @type {readonly AggregateKind[]} */
export const AGGREGATES = ['head', 'layer', 'all', 'rollout'];
/** What rollout takes unless told: half of each layer passes by its attention, nothing is left out. */
const RESIDUAL = 0.5;
const DISCARD = 0;
/** With all of it there would be nothing left to show. */
export const MOST_SHARE = 0.99;
/** @type {readonly Side[]} */
const SIDES = ['query', 'key'];
/** @type {readonly Selection['renderer'][]} */
const RENDERERS = ['webgl', 'canvas'];

/** What people call the keys. @type {Record<string, string | undefined>} */
const NAMES = { doc: 'document', color: 'colour', bar: 'statistic', sort: 'order', x: 'axis', y: 'axis', tint: 'colour' };

const KEYS = ['view', 'model', 'head', 'doc', 'token', 'side', 'map', 'color', 'bar', 'hide', 'words', 'aggregate', 'residual', 'discard', 'renderer', ...HEADS_KEYS];

/** Written wherever they are not what they usually are. */
const OWN_DEFAULT = /** @type {const} */ (['aggregate', 'residual', 'discard', ...HEADS_KEYS]);

/**
 * The selection that a link names. Values that the report does not have fall back, and say so.
 * @param {string} hash such as "#model=minilm&head=L5H3&doc=12"
 * @param {Known} report
 * @returns {{selection: Selection, notices: string[]}}
 */
export function readSelection(hash, report) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  /** @type {string[]} */
  const notices = [];
  /** @param {string} key @param {string} instead @returns {undefined} */
  const refuse = (key, instead) => {
    notices.push(`The link asks for ${NAMES[key] ?? key} “${shorten(params.get(key) ?? '')}”, which this report does not have; ${instead}.`);
  };
  /** @template {string} T @param {string} key @param {readonly T[]} allowed @returns {T | undefined} */
  const choice = (key, allowed) => {
    const value = params.get(key);
    if (value === null || value === '') return undefined;
    return allowed.find((name) => name === value) ?? refuse(key, `showing the usual one instead`);
  };
  /** @param {string} key @param {number} count */
  const index = (key, count) => {
    const value = params.get(key);
    if (value === null || value === '') return undefined;
    if (/^\d+$/.test(value) && Number(value) < count) return Number(value);
    return refuse(key, 'none is selected');
  };

  /** @param {string} key @param {number} end */
  const share = (key, end) => {
    const value = params.get(key);
    if (value === null || value === '') return undefined;
    return /^\d*\.?\d+$/.test(value) && Number(value) <= end ? Number(value) : refuse(key, 'the usual value is taken');
  };
  /** Those of a list that there are; the others are told. @param {string} key @param {readonly string[]} known */
  const list = (key, known) => {
    const value = params.get(key);
    if (value && value.split(',').some((name) => !known.includes(name))) refuse(key, 'what it lacks is left out');
    return value ?? undefined;
  };

  const model = choice('model', report.models.map((item) => item.name));
  const settled = model ?? report.models[0]?.name ?? '';
  const found = report.model(settled);
  const head = params.get('head');
  if (head && !report.head(settled, head)) refuse('head', `showing ${defaultHead(found, report.heads(settled))} instead`);
  const doc = index('doc', report.manifest.documents.count);
  const names = headsNames(found);
  const sort = params.get('sort');
  const color = params.get('color');
  if (sort && !names.sorts.includes(readSort(sort).name)) refuse('sort', 'heads are in the model’s own order');
  const selection = settle({
    view: choice('view', report.views),
    model: settled,
    head: head ?? undefined,
    doc,
    token: doc === undefined ? undefined : index('token', 2 ** 31),
    side: choice('side', SIDES),
    map: choice('map', (found?.maps ?? []).map((map) => map.id)),
    color: color ? readColor(color, report.manifest, found) ?? refuse('color', 'showing the usual one instead') : undefined,
    bar: choice('bar', ['', ...(found?.statistics ?? []).map((statistic) => statistic.name)]),
    hide: params.get('hide') === '1',
    words: params.get('words') === '1',
    aggregate: choice('aggregate', AGGREGATES),
    residual: share('residual', MOST_SHARE),
    discard: share('discard', MOST_SHARE),
    show: choice('show', SHOWN),
    sort: sort ?? undefined,
    labels: list('labels', names.labels),
    filter: params.get('filter') ?? undefined,
    columns: list('columns', names.columns),
    x: choice('x', names.columns),
    y: choice('y', names.columns),
    tint: choice('tint', TINTS),
    renderer: choice('renderer', RENDERERS),
    extra: [...params].filter(([key]) => !KEYS.includes(key)),
  }, report);
  return { selection, notices };
}

/**
 * A whole selection from a partial one: what is absent, or not in the report, gets its default.
 * @param {Patch} patch
 * @param {Known} report
 * @returns {Selection}
 */
export function settle(patch, report) {
  const model = report.model(patch.model ?? '') ?? report.models[0];
  const name = model?.name ?? '';
  const maps = (model?.maps ?? []).map((map) => map.id);
  const doc = patch.doc ?? null;
  return Object.freeze({
    view: patch.view ?? report.views[0],
    model: name,
    head: report.head(name, patch.head ?? '') ? /** @type {string} */ (patch.head) : defaultHead(model, report.heads(name)),
    doc,
    token: doc === null ? null : patch.token ?? null,
    side: patch.side ?? 'query',
    map: patch.map && maps.includes(patch.map) ? patch.map : model?.overview.map ?? maps[0] ?? '',
    color: (patch.color && readColor(patch.color, report.manifest, model)) ?? 'kind',
    bar: model?.statistics.some((statistic) => statistic.name === patch.bar) ? /** @type {string} */ (patch.bar) : model?.statistics[0]?.name ?? '',
    hide: patch.hide ?? false,
    words: patch.words ?? false,
    aggregate: patch.aggregate ?? 'head',
    residual: patch.residual ?? RESIDUAL,
    discard: patch.discard ?? DISCARD,
    ...settleHeads(patch, model),
    renderer: patch.renderer ?? '',
    extra: patch.extra ?? [],
  });
}

/**
 * The link of a selection. Without `full`, keys that hold their default are left out.
 * @param {Selection} selection
 * @param {Known} report
 * @param {boolean} [full]
 */
export function writeSelection(selection, report, full = false) {
  const plain = settle({ model: selection.model }, report);
  const params = new URLSearchParams();
  /** @param {string} key @param {string | number | null} value @param {boolean} needed */
  const write = (key, value, needed) => {
    if (value !== null && value !== '' && needed) params.set(key, String(value));
  };
  write('model', selection.model, full || report.models.length > 1);
  write('head', selection.head, full || selection.head !== plain.head);
  write('doc', selection.doc, true);
  write('token', selection.token, true);
  write('side', selection.side, selection.token !== null);
  write('view', selection.view, full || selection.view !== plain.view);
  write('map', selection.map, full || selection.map !== plain.map);
  write('color', selection.color, selection.color !== plain.color);
  write('bar', selection.bar, selection.bar !== plain.bar);
  write('hide', selection.hide ? 1 : null, true);
  write('words', selection.words ? 1 : null, true);
  for (const key of OWN_DEFAULT) write(key, selection[key], selection[key] !== plain[key]);
  write('renderer', selection.renderer, true);
  for (const [key, value] of selection.extra) params.append(key, value);
  const text = params.toString();
  return text ? `#${text}` : '';
}

/** @param {Selection} a @param {Selection} b */
export function sameSelection(a, b) {
  return KEYS.every((key) => a[/** @type {keyof Selection} */ (key)] === b[/** @type {keyof Selection} */ (key)])
    && a.extra.length === b.extra.length
    && a.extra.every(([key, value], i) => key === b.extra[i][0] && value === b.extra[i][1]);
}

/** @param {string} text */
function shorten(text) {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
