/**
 * How the page goes on answering while attention of several heads is computed: what it says, and where it stops.
 * @import { AggregateKind } from '../state/types.js'
 * @import { Context, Head } from './types.js'
 */
import { attentionBytes } from '../data/cost.js';
import { bytes, count, plural } from './numbers.js';

/** Work in one go. */
const SLICE_MS = 50;
const TELL_EVERY_MS = 150;

/** What the selection asks for has been overtaken by another. */
export class Overtaken extends Error {}

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
export async function makeProgress(report, { model, kind, head, document, layers }, onProgress) {
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

/** Lets the page answer between slices of work. @param {() => boolean} isWanted */
export function makeBreath(isWanted) {
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
