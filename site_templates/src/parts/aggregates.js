/**
 * Attention of several heads at once in one document: the mean of a layer, the mean of all heads, rollout.
 * Sums over the heads of a layer are kept for the document at hand, so that parameters and layers change quickly.
 * @import { Attention, Model } from '../data/types.js'
 * @import { AggregateKind, Selection } from '../state/types.js'
 * @import { Context, Head } from './types.js'
 */
import { ComputedAttention, HeadSum, reach, rollout } from '../data/aggregate.js';
import { attentionBytes } from '../data/cost.js';
import { bytes, count, plural } from './numbers.js';

/** Longer documents would take minutes. */
const MOST_TOKENS = 1024;
/** A weight for each pair of tokens, layer by layer: a quarter of a gigabyte. */
const MOST_WEIGHTS = 2 ** 25;
/** Work in one go. */
const SLICE_MS = 50;
const TELL_EVERY_MS = 150;

/** @typedef {Pick<Selection, 'model' | 'aggregate' | 'residual' | 'discard'>} Asked */

/** What the selection asks for has been overtaken by another. */
export class Overtaken extends Error {}

/**
 * The heads that are joined: of one layer, or of the whole stack; layers in order.
 * @param {readonly Head[]} heads of the model
 * @param {Head} head
 * @param {AggregateKind} kind
 */
export function joinedHeads(heads, head, kind) {
  const joined = heads.filter(({ stack, layer }) => stack === head.stack && (kind !== 'layer' || layer === head.layer));
  /** @type {Map<number, Head[]>} */
  const layers = new Map();
  for (const member of joined) layers.set(member.layer, [...layers.get(member.layer) ?? [], member]);
  return [...layers.values()].sort(([a], [b]) => a.layer - b.layer);
}

/**
 * Why attention cannot be followed through a head's stack, or '' if it can.
 * @param {Model} model
 * @param {readonly Head[]} heads of the model
 * @param {Head} head
 */
export function whyNoRollout(model, heads, { stack, stackInfo }) {
  if (stackInfo.query_axis !== stackInfo.key_axis) {
    return 'Rollout follows attention from layer to layer; these heads attend from one sequence to another.';
  }
  if (model.axes.find(({ name }) => name === stackInfo.query_axis)?.places) {
    return 'Rollout follows attention from layer to layer; these attend within windows, and layers between them cut '
      + 'the picture anew.';
  }
  const layers = new Set(heads.filter((head) => head.stack === stack).map(({ layer }) => layer));
  return layers.size < stackInfo.layers
    ? `Rollout needs every layer, and this report has ${count(layers.size)} of ${count(stackInfo.layers)}.` : '';
}

/**
 * Why a document is too long for a mean of so many layers, or ''.
 * @param {number} layers
 * @param {number} longest tokens on the longer axis
 */
export function whyTooLong(layers, longest) {
  const most = Math.min(MOST_TOKENS, Math.floor(Math.sqrt(MOST_WEIGHTS / layers)));
  if (longest <= most) return '';
  return `This document has ${count(longest)} tokens. Attention of several heads at once is computed in this page, `
    + `for documents of up to ${count(most)}.`;
}

/**
 * Why the attention that a selection asks for cannot be shown, or '' if it can.
 * @param {Pick<Context, 'report'>} context
 * @param {Selection} selection
 * @param {Head} head
 * @param {number} longest
 */
export function whyNot({ report }, { model: name, aggregate }, head, longest) {
  const model = report.model(name);
  const heads = report.heads(name);
  return (aggregate === 'rollout' && model && whyNoRollout(model, heads, head))
    || whyTooLong(joinedHeads(heads, head, aggregate).length, longest);
}

/**
 * Loads attention of several heads in one document after another.
 * @param {Pick<Context, 'report'>} context
 */
export function createAggregates({ report }) {
  /** Of the document that was asked for last. */
  let latest = new DocumentSums(report, '', 0);
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
      if (!latest.isOf(model, document)) latest = new DocumentSums(report, model, document);
      const sums = latest;
      const known = sums.result(selection, head);
      if (known) return known;
      const layers = joinedHeads(report.heads(model), head, kind);
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
  /** By stack and layer. @type {Map<string, HeadSum>} */
  #layers = new Map();
  /** @type {Map<string, Attention>} */
  #results = new Map();

  /** @param {Context['report']} report @param {string} model @param {number} document */
  constructor(report, model, document) {
    this.#report = report;
    this.#model = model;
    this.#document = document;
  }

  /** @param {string} model @param {number} document */
  isOf(model, document) {
    return this.#model === model && this.#document === document;
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
      const attention = await this.#report.attention(this.#model, id, this.#document);
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
 * What tells of each head that is read, but not too often.
 * @param {Context['report']} report
 * @param {object} work
 * @param {string} work.model
 * @param {AggregateKind} work.kind
 * @param {Head} work.head
 * @param {number} work.document
 * @param {readonly (readonly Head[])[]} work.layers the heads that are read
 * @param {(text: string) => void} onProgress
 */
async function makeProgress(report, { model, kind, head, document, layers }, onProgress) {
  const ids = layers.flat().map(({ id }) => id);
  const group = (await report.documents()).group(document);
  const size = bytes(attentionBytes(report.manifest, model, ids, document, group));
  const heads = headsInWords(kind, head, ids.length);
  let read = 0;
  let lastProgress = -Infinity;
  return () => {
    read++;
    if (performance.now() - lastProgress < TELL_EVERY_MS) return;
    lastProgress = performance.now();
    onProgress(`Reading ${heads} in this document: ${size} of files, ${count(read)} of `
      + `${plural(ids.length, 'head')} read.`);
  };
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

/** Lets the page answer between slices of work. @param {() => boolean} isWanted */
function makeBreath(isWanted) {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined;
    return new Promise((/** @type {(value: void) => void} */ go, stop) => {
      setTimeout(() => {
        since = performance.now();
        if (isWanted()) go();
        else stop(new Overtaken());
      });
    });
  };
}

/** "all 12 heads of layer 3", "all 72 heads". @param {AggregateKind} kind @param {Head} head @param {number} heads */
function headsInWords(kind, head, heads) {
  return kind === 'layer' ? `all ${plural(heads, 'head')} of layer ${head.layer}` : `all ${plural(heads, 'head')}`;
}
