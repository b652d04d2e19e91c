/**
 * `window.attnviz`: the report at hand in the browser's console, and for tests. Read-only.
 * @import { Report } from '../data/report.js'
 * @import { Attention } from '../data/types.js'
 * @import { State } from '../state/types.js'
 */
import { createAggregates } from '../parts/aggregates.js';

/** @typedef {{stack?: string, model?: string, weighted?: boolean}} Where */
/** @typedef {Where & {layer?: number, residual?: number, discard?: number}} Joined */
/** @typedef {{layer: number, head: number, document: number, where?: Where}} Cell */

/** @param {Report} report @param {State} state */
export function publishConsole(report, state) {
  const api = Object.freeze(createConsole(report, state));
  Object.defineProperty(window, 'attnviz', { value: api, configurable: false, writable: false });
}

/** @param {Report} report @param {State} state */
function createConsole(report, state) {
  const stats = { visited: 0 };
  const aggregates = createAggregates({ report });
  /**
   * A row or a column of one head, and how much work it was.
   * @param {Cell} cell
   * @param {(attention: Attention) => Float64Array} read
   */
  async function open({ layer, head, document, where = {} }, read) {
    const { model = state.get().model } = where;
    const { id } = findHead(report, { ...where, model, layer, head });
    const attention = await report.attention(model, id, document, where.weighted);
    const values = read(attention);
    stats.visited = attention.visited;
    return values;
  }
  return {
    get state() {
      return state.get();
    },
    get report() {
      return describeReport(report);
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
     */
    attention: (layer, head, document, query, where) => (
      open({ layer, head, document, where }, (attention) => attention.row(query))),
    /**
     * @param {number} layer
     * @param {number} head
     * @param {number} document
     * @param {number} key
     * @param {Where} [where]
     */
    column: (layer, head, document, key, where) => (
      open({ layer, head, document, where }, (attention) => attention.column(key))),
    /**
     * A row of the mean of a layer, of the mean of all heads of a stack, or of rollout through it.
     * @param {'layer' | 'all' | 'rollout'} kind
     * @param {number} document
     * @param {number} query
     * @param {Joined} [how]
     * @returns {Promise<Float64Array>}
     */
    async aggregate(kind, document, query, how = {}) {
      const { layer = 0, residual = 0.5, discard = 0, weighted = false, ...where } = how;
      const { model = state.get().model } = where;
      const head = findHead(report, { ...where, model, layer });
      const asked = { model, aggregate: kind, residual, discard, weighted };
      const attention = await aggregates.load(asked, head, document, () => {}, () => true);
      return attention.row(query);
    },
  };
}

/**
 * The head at a place; any of the layer where no head is named, of any stack where no stack is.
 * @param {Report} report
 * @param {{model: string, layer: number, head?: number, stack?: string}} place
 */
function findHead(report, { model, layer, head, stack }) {
  const match = report.heads(model).find((candidate) => candidate.layer === layer
    && (head === undefined || candidate.head === head) && (stack === undefined || candidate.stack === stack));
  if (match) return match;
  const place = [`layer ${layer}`, head !== undefined && `head ${head}`, stack && `stack ${stack}`];
  throw new RangeError(`No head at ${place.filter(Boolean).join(', ')} in model ${model}.`);
}

/** @param {Report} report */
function describeReport(report) {
  const { title, provenance, documents } = report.manifest;
  const models = report.models.map(({ name }) => ({ name, heads: report.heads(name).map(({ id }) => id) }));
  return { title, provenance, documents: documents.count, models, loaded: report.loaded };
}
