/**
 * Attention of several heads at once in one document: the mean of a layer, the mean of all heads, rollout.
 * Sums over the heads of a layer are kept for the document at hand, so that parameters and layers change quickly.
 * @import { Attention } from '../data/types.js'
 * @import { AggregateKind, Selection } from '../state/types.js'
 * @import { Context, Head } from './types.js'
 */
import { ComputedAttention, HeadSum } from '../data/aggregate.js';
import { reach, rollout } from '../data/rollout.js';
import { makeBreath, makeProgress } from './aggregate-progress.js';
import { joinedHeads } from './joined-heads.js';
import { plural } from './numbers.js';
import { isWeighted } from './weighting.js';

/** @typedef {Pick<Selection, 'model' | 'aggregate' | 'residual' | 'discard' | 'weighted'>} Asked */

/**
 * Loads attention of several heads in one document after another.
 * @param {Pick<Context, 'report'>} context
 */
export function createAggregates({ report }) {
  /** Of the document that was asked for last. */
  let latest = new DocumentSums(report, '', 0, false);
  return {
    /**
     * @param {Asked} selection
     * @param {Head} head
     * @param {number} document
     * @param {(text: string) => void} onProgress
     * @param {() => boolean} isWanted
     * @returns {Promise<Attention>} rejects with Overtaken when it is no longer wanted
     */
    async load(selection, head, document, onProgress, isWanted) {
      const { model, aggregate: kind } = selection;
      const layers = joinedHeads(report.heads(model), head, kind);
      const weighted = isWeighted({ report }, selection, layers.flat());
      if (!latest.isOf(model, document, weighted)) latest = new DocumentSums(report, model, document, weighted);
      const sums = latest;
      const known = sums.result(selection, head);
      if (known) return known;
      const breathe = makeBreath(isWanted);
      const onHead = await makeProgress(report, { model, kind, head, document, layers }, onProgress);
      const loaded = [];
      for (const layer of layers) loaded.push(await sums.layer(layer, breathe, onHead));
      if (kind === 'rollout') onProgress(`Following attention through ${plural(layers.length, 'layer')}.`);
      const attention = await join(kind, loaded, selection, head, breathe);
      sums.keep(selection, head, attention);
      return attention;
    },
  };
}

/** The sums of each layer of one document, and what was made of them. */
class DocumentSums {
  #report;
  #model;
  #document;
  #weighted;
  /** By stack and layer. @type {Map<string, HeadSum>} */
  #layers = new Map();
  /** @type {Map<string, Attention>} */
  #results = new Map();

  /** @param {Context['report']} report @param {string} model @param {number} document @param {boolean} weighted */
  constructor(report, model, document, weighted) {
    this.#report = report;
    this.#model = model;
    this.#document = document;
    this.#weighted = weighted;
  }

  /** @param {string} model @param {number} document @param {boolean} weighted */
  isOf(model, document, weighted) {
    return this.#model === model && this.#document === document && this.#weighted === weighted;
  }

  /** @param {Asked} selection @param {Head} head */
  result(selection, head) {
    return this.#results.get(resultKey(selection, head));
  }

  /** @param {Asked} selection @param {Head} head @param {Attention} attention */
  keep(selection, head, attention) {
    this.#results.set(resultKey(selection, head), attention);
  }

  /**
   * The sum over a layer's heads, read once.
   * @param {readonly Head[]} heads
   * @param {() => Promise<void> | void} breathe
   * @param {() => void} onHead called for each that was read
   */
  async layer(heads, breathe, onHead) {
    const key = `${heads[0].stack} ${heads[0].layer}`;
    const known = this.#layers.get(key);
    if (known) {
      heads.forEach(onHead);
      return known;
    }
    /** @type {HeadSum | undefined} */
    let sum;
    for (const { id } of heads) {
      const attention = await this.#report.attention(this.#model, id, this.#document, this.#weighted);
      sum ??= new HeadSum(attention.queries, attention.keys);
      await sum.add(attention, breathe);
      onHead();
    }
    const complete = /** @type {HeadSum} */ (sum);
    this.#layers.set(key, complete);
    return complete;
  }
}

/** @param {Asked} selection @param {Head} head */
function resultKey({ aggregate: kind, residual, discard }, { stack, layer }) {
  return [stack, kind === 'layer' ? layer : '', kind, kind === 'rollout' ? `${residual} ${discard}` : ''].join(' ');
}

/**
 * @param {AggregateKind} kind
 * @param {readonly HeadSum[]} layers
 * @param {Asked} selection
 * @param {Head} head
 * @param {() => Promise<void> | void} breathe
 */
async function join(kind, layers, { residual, discard }, { stackInfo }, breathe) {
  const axes = { queryAxis: stackInfo.query_axis, keyAxis: stackInfo.key_axis, keys: layers[0].keys };
  if (kind === 'rollout') {
    return new ComputedAttention(await rollout(layers, { residual, discard }, breathe), reach(layers), axes);
  }
  if (layers.length === 1) return new ComputedAttention(layers[0].mean(), layers[0].intervals, axes);
  const all = new HeadSum(layers[0].queries, layers[0].keys);
  for (const layer of layers) {
    all.addSum(layer);
    await breathe();
  }
  return new ComputedAttention(all.mean(), all.intervals, axes);
}
