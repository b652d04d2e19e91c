/**
 * `window.attnviz`: the report at hand in the browser's console, and for tests. Read-only.
 * @import { Report } from '../data/report.js'
 * @import { State } from '../state/types.js'
 */

/** @typedef {{stack?: string, model?: string}} Where */

/** @param {Report} report @param {State} state */
export function publishConsole(report, state) {
  const stats = { visited: 0 };

  /** @param {number} layer @param {number} head @param {number} document @param {Where} [where] */
  const open = (layer, head, document, { stack, model = state.get().model } = {}) => {
    const found = report.heads(model).find((item) => item.layer === layer && item.head === head && (stack === undefined || item.stack === stack));
    if (!found) throw new RangeError(`No head at layer ${layer}, head ${head}${stack ? `, stack ${stack}` : ''} in model ${model}.`);
    return report.attention(model, found.id, document);
  };

  const api = Object.freeze({
    get state() {
      return state.get();
    },
    get report() {
      const { title, provenance, documents } = report.manifest;
      return { title, provenance, documents: documents.count, models: report.models.map(({ name }) => ({ name, heads: report.heads(name).map(({ id }) => id) })), loaded: report.loaded };
    },
    /** Work of the last row or column: pairs of query and key visited. */
    get stats() {
      return { ...stats };
    },
    /** @param {number} layer @param {number} head @param {number} document @param {number} query @param {Where} [where] @returns {Promise<Float64Array>} */
    async attention(layer, head, document, query, where) {
      const attention = await open(layer, head, document, where);
      const row = attention.row(query);
      stats.visited = attention.visited;
      return row;
    },
    /** @param {number} layer @param {number} head @param {number} document @param {number} key @param {Where} [where] @returns {Promise<Float64Array>} */
    async column(layer, head, document, key, where) {
      const attention = await open(layer, head, document, where);
      const column = attention.column(key);
      stats.visited = attention.visited;
      return column;
    },
  });
  Object.defineProperty(window, 'attnviz', { value: api, configurable: false, writable: false });
}
