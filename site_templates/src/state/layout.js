/**
 * How heads stand to each other: rows of stack and layer, columns of heads; and which figures tell most of one.
 * @import { Head, Model } from '../data/types.js'
 * @typedef {{stack: string, layer: number, heads: Head[]}} Row
 * @typedef {{first: number, last: number}} Gap layers without heads
 */
import { leadingName, restStatistic } from './awake.js';

/**
 * One row per layer: stacks one after another, layers and heads in order.
 * @param {readonly Head[]} heads
 * @returns {Row[]}
 */
export function layerRows(heads) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const head of heads) {
    const key = `${head.stack}\n${head.layer}`;
    const row = rows.get(key) ?? { stack: head.stack, layer: head.layer, heads: [] };
    row.heads.push(head);
    rows.set(key, row);
  }
  const stacks = [...new Set(heads.map((head) => head.stack))];
  return [...rows.values()].sort((a, b) => stacks.indexOf(a.stack) - stacks.indexOf(b.stack) || a.layer - b.layer);
}

/**
 * The rows of a stack, and between them the layers that have none.
 * @param {readonly Row[]} rows of one stack, by layer
 * @param {number} layers of the stack, those without heads counted
 * @returns {(Row | Gap)[]}
 */
export function rowsWithGaps(rows, layers) {
  const gapAfter = (/** @type {number} */ before, /** @type {number} */ next) => (
    next > before + 1 ? [{ first: before + 1, last: next - 1 }] : []);
  return [
    ...rows.flatMap((row, i) => [...gapAfter(rows[i - 1]?.layer ?? -1, row.layer), row]),
    ...gapAfter(rows.at(-1)?.layer ?? -1, layers),
  ];
}

/**
 * The numbers of the heads that any layer has, in order: the columns of the atlas. Layers may differ, and a corpus
 * may leave heads out.
 * @param {readonly Row[]} rows
 */
export function headNumbers(rows) {
  return [...new Set(rows.flatMap((row) => row.heads.map(({ head }) => head)))].sort((a, b) => a - b);
}

/**
 * The head that stands in another model where this one does: same layer and number, in the stack of the same name
 * if it has one.
 * @param {readonly Head[]} heads of the other model
 * @param {Head | undefined} head
 * @returns {Head | undefined}
 */
export function counterpart(heads, head) {
  const counterparts = heads.filter((other) => other.layer === head?.layer && other.head === head?.head);
  return counterparts.find((other) => other.stack === head?.stack) ?? counterparts[0];
}

/**
 * The head one step away, or undefined at the edge. A shorter row gives its last head.
 * @param {readonly Row[]} rows
 * @param {string} id
 * @param {number} across steps to the right
 * @param {number} down steps to later layers
 * @returns {Head | undefined}
 */
export function neighbour(rows, id, across, down) {
  const row = rows.findIndex((item) => item.heads.some((head) => head.id === id));
  if (row < 0) return undefined;
  const column = rows[row].heads.findIndex((head) => head.id === id);
  const target = rows[row + down]?.heads;
  if (!target) return undefined;
  return down === 0 ? target[column + across] : target[Math.min(column + across, target.length - 1)];
}

/** Entropy, in nats, below which a head looks at one key alone: its map is pairs of points, and has no shape. */
const SHAPELESS = 0.3;

/**
 * The head to begin with: the one that spends the largest share of its attention on one plain job, so that the first
 * view rewards; heads with a shapeless map come after all others. Without shares, the first head.
 * @param {Model | undefined} model
 * @param {readonly Head[]} heads
 * @returns {string} '' if there are no heads
 */
export function defaultHead(model, heads) {
  const jobs = shareNames(model).filter((name) => /previous|next/.test(name));
  let best = heads[0];
  let most = -Infinity;
  for (const head of heads) {
    const share = Math.max(-Infinity, ...jobs.map((name) => head.statistics[name] ?? -Infinity));
    const rank = (head.statistics.entropy ?? Infinity) < SHAPELESS ? share - 1 : share;
    if (rank > most) {
      most = rank;
      best = head;
    }
  }
  return best?.id ?? '';
}

/**
 * Statistics that are shares of attention, in [0, 1].
 * @param {Model | undefined} model
 */
function shareNames(model) {
  return (model?.statistics ?? []).filter((statistic) => isShare(statistic.unit)).map((statistic) => statistic.name);
}

/** @param {string} unit */
export function isShare(unit) {
  return unit === 'share';
}

/**
 * What a head can look at, as statistics name it: "the head puts 95 % on the previous token" says more than "evenness".
 */
const PLACES = new Set([
  'previous', 'next', 'self', 'first', 'separator', 'punctuation', 'duplicate', 'induction', 'unplaced', 'sink',
]);

/**
 * Shares of places, of what a head does besides resting where it can rest.
 * @param {Pick<Model, 'statistics'>} model @param {Head} head
 */
function placesOf({ statistics }, head) {
  return statistics.filter(({ name, unit }) => isShare(unit) && PLACES.has(leadingName(head, name) ?? ''));
}

/**
 * The three statistics that tell most about a head: entropy and distance, or the first two that are no shares, and the
 * largest share of a place, which leaves out what rests.
 * @param {Model} model
 * @param {Head} head
 */
export function mainStatistics(model, head) {
  const defined = model.statistics.filter(({ name }) => typeof head.statistics[name] === 'number');
  const figures = (defined.length > 0 ? defined : model.statistics).filter((statistic) => !isShare(statistic.unit));
  const telling = figures.filter(({ name }) => name === 'entropy' || name === 'distance' || name === 'patch_distance');
  const plain = [...telling, ...figures.filter((statistic) => !telling.includes(statistic))].slice(0, 2);
  // Of shares, the largest of a place; of any, where the report has no places.
  const shares = model.statistics.filter((statistic) => isShare(statistic.unit));
  const places = placesOf(model, head);
  const largest = (places.length > 0 ? places : shares).reduce(
    (best, next) => ((head.statistics[next.name] ?? -1) > (best ? head.statistics[best.name] ?? -1 : -1) ? next : best),
    /** @type {Model['statistics'][number] | undefined} */ (undefined),
  );
  if (largest) return [...plain, largest];
  const [rest] = restStatistic(model, head);
  return rest ? [...plain, rest] : model.statistics.slice(0, 3);
}

/**
 * The same, and how much rests where that is worth a word.
 * @param {Model} model @param {Head} head
 */
export function cardStatistics(model, head) {
  return [...new Set([...mainStatistics(model, head), ...restStatistic(model, head)])];
}

/** Shares that are worth a word, and how many of them. */
const LEAST_SHARE = 0.05;
const MOST_PLACES = 2;

/**
 * What a head attends to most: its largest shares of places, the largest first, and where it rests, the largest of what
 * it does besides, and what rests. A head has them whether or not it reaches a label's threshold. Shares may overlap: a
 * separator may be the token before.
 * @param {Model} model
 * @param {Head} head
 * @returns {{statistic: Model['statistics'][number], share: number}[]} at most two; no place below 5 %
 */
export function leadingPlaces(model, head) {
  const withShare = (/** @type {Model['statistics'][number]} */ statistic) => (
    { statistic, share: head.statistics[statistic.name] ?? 0 });
  const rest = restStatistic(model, head).map(withShare);
  const places = placesOf(model, head).map(withShare)
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_PLACES - rest.length);
  return [...places, ...rest];
}
