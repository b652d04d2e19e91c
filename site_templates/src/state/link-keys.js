/**
 * The keys of a link: one row says all that there is to know of a key, and reading, settling and writing follow from it
 * (selection.js). Rows stand in the order in which a link is written; a row may ask for what rows above it settled.
 *
 * To add a key: its row here, and what it means in `Selection` of types.d.ts.
 * @import { LinkKey, LinkName, LinkType, Scope, Selection } from './types.js'
 */
import { readColor } from './colors.js';
import { columnsOf } from './head-columns.js';
import { NO_LABEL } from './heads-filter.js';
import { readSort } from './heads-order.js';
import { defaultHead } from './layout.js';
import {
  amount, area, choice, flag, index, indices, list, numbers, ordinal, share, shareOrNone, text,
} from './link-types.js';
import { readPartner } from './partner.js';

/** The largest share that rollout can leave out, or let pass: with all of it there would be nothing left to show. */
export const MOST_SHARE = 0.99;
/** The most lines that a map draws from one point. */
export const MOST_TIES = 200;
/** Tokens are counted by their document, which is not loaded when a link is read: any index may be one. */
const MOST_TOKENS = 2 ** 31;
/** So many tokens at most are summed. */
export const MOST_SUMMED = 512;
/** The most arrows that a direction draws over a picture. */
export const MOST_ARROWS = 50;
/** The largest exponent of a shade, the largest cut-off in standard deviations, and the most first tokens ignored. */
export const MOST_EXPONENT = 4;
export const MOST_CUT = 20;
export const MOST_IGNORED = 1000;

/** Small probabilities would vanish on a straight scale; with this exponent 1 % is still seen. */
export const USUAL_EXPONENT = 0.55;

/** @param {Scope} scope */
const maps = ({ model }) => (model?.maps ?? []).map(({ id }) => id);
/** @param {Scope} scope */
const statistics = ({ model }) => (model?.statistics ?? []).map(({ name }) => name);
/** @param {Scope} scope */
const columns = ({ model }) => (model ? columnsOf(model).map(({ name }) => name) : []);
/** @param {Scope} scope */
const labels = ({ model }) => [...(model?.labels ?? []).map(({ name }) => name), NO_LABEL];
/** @param {Scope} scope */
const headNames = ({ known, model }) => known.heads(model?.name ?? '').map(({ id }) => id);
/** @param {Scope} scope */
const usualHead = ({ known, model }) => defaultHead(model, known.heads(model?.name ?? ''));

/** What stands in a link for all heads of the selected head's layer. */
export const LAYER = 'layer';
const headList = list(headNames);

/** @type {LinkType<string>} */
const someHeads = {
  ...headList,
  settle: (names, scope) => (names === LAYER ? names : headList.settle(names, scope)),
  lacks: (names, scope) => names !== LAYER && (headList.lacks?.(names, scope) ?? false),
};

/** @type {LinkType<string>} */
const head = {
  read: (id) => id,
  settle: (id, { known, model }) => (known.head(model?.name ?? '', id) ? id : undefined),
  instead: (scope) => `showing ${usualHead(scope)} instead`,
};
/** @type {LinkType<string>} */
const color = {
  read: (id) => id,
  settle: (id, { known, model }) => readColor(id, known.manifest, model),
  instead: 'showing the usual one instead',
};
/** What a head and its document are compared with, see partner.js. @type {LinkType<string>} */
const partner = {
  read: (name) => name,
  settle(name, { known, selection }) {
    const { model, head: id, doc } = readPartner(name) ?? {};
    const there = known.model(model ?? selection.model ?? '');
    const fits = there && known.head(there.name, id ?? selection.head ?? '')
      && (doc ?? 0) < known.manifest.documents.count;
    return name === '' || (readPartner(name) && fits) ? name : undefined;
  },
  instead: 'comparing with a head that is alike',
};
/** A column, "-" before it for the largest first. @type {LinkType<string>} */
const order = {
  read: (sort) => sort,
  settle(sort, scope) {
    const names = ['head', 'stack', 'labels', ...columns(scope)];
    if (!names.includes(readSort(sort).name)) return undefined;
    return sort === 'head' ? '' : sort;
  },
  instead: 'heads are in the model’s own order',
};

/** Whether the map is a solid one. @param {Scope} scope */
function isSolid({ model, selection }) {
  return model?.maps.find(({ id }) => id === selection.map)?.dimensions === 3;
}

/** Numbers that say where the eye on a map is: of a flat one, of a solid one. @param {Scope} scope */
const eyeLength = (scope) => (isSolid(scope) ? 6 : 3);
/** Numbers of an area that say from where a solid map was looked at. @param {Scope} scope */
const eyeOfArea = (scope) => (isSolid(scope) ? 6 : 0);

/** The statistics that points are drawn by, unless told. @param {Scope} scope @returns {[x: string, y: string]} */
function usualAxes(scope) {
  const names = columns(scope);
  const telling = ['distance', 'patch_distance', 'entropy'].filter((name) => names.includes(name));
  const [x = names[0] ?? '', y = names[1] ?? x] = telling;
  return [x, y];
}

/** Parts of a document, in order: the two texts of a pair, or so many turns of a conversation. */
export const PART_LETTERS = 'abcdefghijklmnop';
const PARTS = ['all', ...[...PART_LETTERS].flatMap((from) => [...PART_LETTERS].map((to) => from + to))];

/** @type {{readonly [K in LinkName]: LinkKey<Selection[K]>}} */
export const LINK_KEYS = {
  model: {
    type: choice(({ known }) => known.models.map(({ name }) => name)),
    usual: ({ known }) => known.models[0]?.name ?? '',
    written: (_, known) => known.models.length > 1,
    full: true,
  },
  head: { type: head, usual: usualHead, full: true },
  doc: { type: index(({ known }) => known.manifest.documents.count), usual: () => null, called: 'document' },
  token: { type: index(() => MOST_TOKENS), usual: () => null, applies: ({ selection }) => selection.doc !== null },
  side: {
    type: choice(() => ['query', 'key']),
    usual: () => 'query',
    written: ({ token }) => token !== null,
  },
  key: { type: index(() => MOST_TOKENS), usual: () => null, of: ['model', 'doc'], called: 'key token',
    applies: ({ selection }) => selection.doc !== null },
  tokens: {
    type: indices(MOST_SUMMED), usual: () => '', of: ['model', 'doc', 'token', 'side'],
    applies: ({ selection }) => selection.token !== null,
  },
  row: {
    type: index(() => MOST_TOKENS), usual: () => null, of: ['model', 'doc'], called: 'frozen token',
    applies: ({ selection }) => selection.doc !== null,
  },
  column: {
    type: index(() => MOST_TOKENS), usual: () => null, of: ['model', 'doc'], called: 'frozen token',
    applies: ({ selection }) => selection.doc !== null,
  },
  view: { type: choice(({ known }) => known.views), usual: ({ known }) => known.views[0], full: true },
  map: { type: choice(maps), usual: (scope) => scope.model?.overview.map ?? maps(scope)[0] ?? '', full: true },
  eye: { type: numbers(eyeLength), usual: () => '', of: ['model', 'head', 'map'] },
  area: { type: area(eyeOfArea), usual: () => '', of: ['model', 'head', 'map'], called: 'part of a map' },
  mark: {
    type: text,
    usual: () => '',
    applies: ({ selection }) => selection.area !== '',
    of: ['model', 'head', 'map'],
  },
  ties: { type: amount(MOST_TIES), usual: () => 6, called: 'number of lines' },
  least: { type: share(MOST_SHARE), usual: () => 0.02, called: 'least share' },
  bare: { type: flag, usual: () => false },
  size: { type: choice(() => ['same', 'norm', 'value']), usual: () => 'same' },
  color: { type: color, usual: () => 'kind', called: 'colour' },
  unlinked: { type: flag, usual: () => false },
  beside: { type: flag, usual: () => false, applies: ({ known }) => known.models.length > 1 },
  bar: { type: choice(statistics), usual: (scope) => statistics(scope)[0] ?? '', called: 'statistic' },
  find: { type: text, usual: () => '' },
  hide: { type: flag, usual: () => false },
  weighted: { type: flag, usual: () => false },
  words: { type: flag, usual: () => false },
  aggregate: { type: choice(() => ['head', 'layer', 'all', 'rollout']), usual: () => 'head' },
  // Half of each layer passes by its attention, and nothing is left out.
  residual: { type: share(MOST_SHARE), usual: () => 0.5 },
  discard: { type: share(MOST_SHARE), usual: () => 0 },
  elements: { type: choice(() => ['dimension', 'product']), usual: () => 'dimension', called: 'order of elements' },
  with: { type: partner, usual: () => '', of: ['model'], called: 'comparison' },
  texts: { type: choice(() => ['auto', 'one', 'two']), usual: () => 'auto' },
  scale: { type: choice(() => ['power', 'log']), usual: () => 'power' },
  exponent: { type: share(MOST_EXPONENT), usual: () => USUAL_EXPONENT },
  cut: { type: shareOrNone(MOST_CUT), usual: () => null, called: 'cut-off' },
  ignore: { type: ordinal(MOST_IGNORED), usual: () => 0 },
  scores: { type: index(() => MOST_TOKENS), usual: () => null, called: 'row of scores',
    applies: ({ selection }) => selection.doc !== null },
  added: { type: flag, usual: () => false,
    applies: ({ model }) => (model?.writes?.attribution?.shards ?? []).length > 0 },
  overlay: { type: share(1), usual: () => 1, called: 'strength of the overlay' },
  arrows: { type: ordinal(MOST_ARROWS), usual: () => 5, called: 'number of arrows' },
  frame: { type: index(() => MOST_TOKENS), usual: () => null, of: ['model', 'doc'],
    applies: ({ selection }) => selection.doc !== null },
  heads: { type: someHeads, usual: () => '', of: ['model'] },
  parts: { type: choice(() => PARTS), usual: () => 'all' },
  show: { type: choice(() => ['table', 'points', 'likeness']), usual: () => 'table' },
  sort: { type: order, usual: () => '', called: 'order' },
  labels: { type: list(labels), usual: () => '' },
  filter: { type: text, usual: () => '' },
  columns: { type: list(columns), usual: () => '' },
  x: { type: choice(columns), usual: (scope) => usualAxes(scope)[0], called: 'axis' },
  y: { type: choice(columns), usual: (scope) => usualAxes(scope)[1], called: 'axis' },
  tint: { type: choice((scope) => ['layer', 'label', ...columns(scope)]), usual: () => 'layer', called: 'colour' },
  renderer: { type: choice(() => ['webgl', 'canvas']), usual: () => '' },
  embed: { type: flag, usual: () => false },
};
