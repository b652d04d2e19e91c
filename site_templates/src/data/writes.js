/** What a head writes where it attends to a token, and which heads it is composed with. */

/** @import { Catalogue } from './catalogue.js' */
/** @import { Composed, WrittenToken } from './types.d.ts' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/** @typedef {Pick<ShardStore, 'load'>} Store */

const SIDES = /** @type {const} */ (['q', 'k', 'v']);

/**
 * A row for each type of token that is known of a head, most attention first; none where nothing is.
 * @param {Catalogue} catalogue
 * @param {Store} store
 * @param {string} modelName
 * @param {string} headId
 * @returns {Promise<WrittenToken[]>}
 */
export async function writesOf(catalogue, store, modelName, headId) {
  const head = catalogue.head(modelName, headId);
  const ids = catalogue.ofLayer('writes', modelName, head)
    .filter((id) => within(catalogue.entry(id).heads, head.head));
  const shards = await Promise.all(ids.map((id) => store.load(id)));
  return shards.flatMap((shard) => rowsOf(shard, head.head).map((row) => ({
    text: shard.value('text', row), count: shard.numbers('count')[row], attention: shard.numbers('attention')[row],
    length: shard.numbers('length')[row], copying: shard.value('copying', row),
    raised: changes(shard, 'raised', row), lowered: changes(shard, 'lowered', row),
  })));
}

/**
 * The heads of earlier layers that a head reads most, and those of later layers that read it most, each by the side
 * that is largest: at most `most` of each.
 * @param {Catalogue} catalogue
 * @param {Store} store
 * @param {string} modelName
 * @param {string} headId
 * @param {number} most
 * @returns {Promise<{reads: Composed[], isReadBy: Composed[]}>}
 */
export async function compositionOf(catalogue, store, modelName, headId, most) {
  const head = catalogue.head(modelName, headId);
  const heads = catalogue.heads(modelName).filter(({ stack }) => stack === head.stack);
  const layers = [...new Set(heads.map(({ layer }) => layer))].filter((layer) => layer >= head.layer);
  const ids = layers.flatMap((layer) => catalogue.ofLayer('composition', modelName, { ...head, layer }));
  const shards = await Promise.all(ids.map((id) => store.load(id)));
  const ofPlace = (/** @type {number} */ layer, /** @type {number} */ number) => (
    heads.find((other) => other.layer === layer && other.head === number)?.id);
  /** @type {Composed[]} */
  const reads = [];
  /** @type {Composed[]} */
  const isReadBy = [];
  for (const shard of shards) {
    const [later, layer, earlier, ...sides] = ['head', 'earlier_layer', 'earlier_head', ...SIDES]
      .map((name) => shard.numbers(name));
    const laterLayer = shard.entry.layer ?? 0;
    const ofReader = laterLayer === head.layer;
    for (let row = 0; row < shard.rows; row++) {
      const isReader = ofReader && later[row] === head.head;
      // A table of a large model has a row for each of a million pairs.
      if (!isReader && (layer[row] !== head.layer || earlier[row] !== head.head)) continue;
      const other = isReader ? ofPlace(layer[row], earlier[row]) : ofPlace(laterLayer, later[row]);
      if (other) (isReader ? reads : isReadBy).push({ head: other, ...largest(sides.map((values) => values[row])) });
    }
  }
  return { reads: top(reads, most), isReadBy: top(isReadBy, most) };
}

/** @param {readonly number[]} values by side @returns {Omit<Composed, 'head'>} */
function largest(values) {
  const value = Math.max(...values);
  return { side: SIDES[values.indexOf(value)], value };
}

/** @param {Composed[]} rows @param {number} most */
function top(rows, most) {
  return rows.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value).slice(0, most);
}

/** @param {Shard} shard @param {number} head */
function rowsOf(shard, head) {
  return [...shard.numbers('head')].flatMap((number, row) => (number === head ? [row] : []));
}

/** Next tokens, each with what is added to its logit. @param {Shard} shard @param {string} name @param {number} row */
function changes(shard, name, row) {
  const texts = [.../** @type {Iterable<string>} */ (shard.value(name, row))];
  const by = shard.needFinite(`${name}_by`, row, texts.length);
  return texts.map((text, i) => ({ text, by: by[i] }));
}

/** @param {readonly number[] | null | undefined} range @param {number} number */
function within(range, number) {
  return !range || (range[0] <= number && number < range[1]);
}
