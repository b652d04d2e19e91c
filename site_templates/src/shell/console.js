/**
 * `window.attnviz`: the report at hand in the browser's console, and for tests. Read-only.
 * @import { Report } from '../data/report.js'
 * @import { State } from '../state/types.js'
 */

import { createAggregates } from '../parts/aggregates.js';

/** @typedef {{stack?: string, model?: string}} Where */
/** @typedef {Where & {layer?: number, residual?: number, discard?: number}} Joined */

/** @param {Report} report @param {State} state */
export function publishConsole(report, state) {
  const stats = { visited: 0 };
  const aggregates = createAggregates({ report });

  /** @param {number} layer @param {number | undefined} head any where undefined @param {Where} where */
  const find = (layer, head, { stack, model = state.get().model }) => {
    const match = report.heads(model).find((item) => item.layer === layer
      && (head === undefined || item.head === head) && (stack === undefined || item.stack === stack));
    if (!match) {
      throw new RangeError(`No head at layer ${layer}${head === undefined ? '' : `, head ${head}`}${stack ? `, stack `
        + `${stack}` : ''} in model ${model}.`);
    }
    return { model, head: match };
  };
  /** @param {number} layer @param {number} head @param {number} document @param {Where} [where] */
  const open = (layer, head, document, where = {}) => {
    const place = find(layer, head, where);
    return report.attention(place.model, place.head.id, document);
  };

  const api = Object.freeze({
    get state() {
      return state.get();
    },
    get report() {
      const { title, provenance, documents } = report.manifest;
      return { title, provenance, documents: documents.count,
        models: report.models.map(({ name }) => ({ name, heads: report.heads(name).map(({ id }) => id) })),
        loaded: report.loaded };
    },
    /** Work of the last row or column: pairs of query and key visited. */
    get stats() {
      return { ...stats };
    },
    /**
     * @param {number} layer
     * @param {number} head
     * @param {number} document
     * @param {number} query
     * @param {Where} [where]
     * @returns {Promise<Float64Array>}
     */
    async attention(layer, head, document, query, where) {
      const attention = await open(layer, head, document, where);
      const row = attention.row(query);
      stats.visited = attention.visited;
      return row;
    },
    /**
     * @param {number} layer
     * @param {number} head
     * @param {number} document
     * @param {number} key
     * @param {Where} [where]
     * @returns {Promise<Float64Array>}
     */
    async column(layer, head, document, key, where) {
      const attention = await open(layer, head, document, where);
      const column = attention.column(key);
      stats.visited = attention.visited;
      return column;
    },
    /**
     * A row of the mean of a layer, of the mean of all heads of a stack, or of rollout through it.
     * @param {'layer' | 'all' | 'rollout'} kind
     * @param {number} document
     * @param {number} query
     * @param {Joined} [how]
     * @returns {Promise<Float64Array>}
     */
    async aggregate(kind, document, query, { layer = 0, residual = 0.5, discard = 0, ...where } = {}) {
      const { model, head } = find(layer, undefined, where);
      const attention =
        await aggregates.load({ model, aggregate: kind, residual, discard }, head, document, () => {}, () => true);
      return attention.row(query);
    },
  });
  Object.defineProperty(window, 'attnviz', { value: api, configurable: false, writable: false });
}
