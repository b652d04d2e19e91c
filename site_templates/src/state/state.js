/**
 * The one selection, kept in the address. Views are functions of it.
 * @import { Known, Listener, ReportFacts, Selection, State } from './types.js'
 */
import { change, readSelection, sameSelection, writeSelection } from './selection.js';

/**
 * @param {ReportFacts} report
 * @param {readonly string[]} views names, the usual one first
 * @param {Window} [page]
 * @param {string} [start] the hash to start with where the address has none
 * @returns {State}
 */
export function createState(report, views, page = window, start = '') {
  /** @type {Known} */
  const known = {
    views,
    manifest: report.manifest,
    models: report.models,
    model: (name) => report.model(name),
    heads: (model) => report.heads(model),
    head: (model, id) => report.head(model, id),
  };
  if (start && !page.location.hash) writeAddress(page, start, false);
  let { selection, notices } = readSelection(page.location.hash, known);
  /** @type {Set<Listener>} */
  const listeners = new Set();

  /** @param {Selection} next */
  const become = (next) => {
    const previous = selection;
    selection = next;
    for (const listener of listeners) listener(next, previous);
  };

  // Back, forward, and a hash typed by hand; a browser may announce one step by both events.
  const reread = () => {
    const read = readSelection(page.location.hash, known);
    if (sameSelection(read.selection, selection)) return;
    notices = read.notices;
    become(read.selection);
  };
  page.addEventListener('popstate', reread);
  page.addEventListener('hashchange', reread);

  return {
    get: () => selection,
    set(patch, { push = true } = {}) {
      const next = change(selection, patch, known);
      if (sameSelection(next, selection)) return;
      notices = [];
      // In a frame a step would be one of the page around it: Back is to leave that page.
      writeAddress(page, writeSelection(next, known), push && !next.embed);
      become(next);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notices: () => notices,
    link: () => page.location.href.split('#')[0] + writeSelection(selection, known, true),
    hash: (patch) => writeSelection(change(selection, patch, known), known, true),
  };
}

/** @param {Window} page @param {string} hash @param {boolean} push */
function writeAddress(page, hash, push) {
  // Whole, as a frame's own text (about:srcdoc) has its hash, but not the base that addresses count from.
  const address = page.location.href.split('#')[0] + hash;
  try {
    if (push) page.history.pushState(null, '', address);
    else page.history.replaceState(null, '', address);
  } catch {
    // Some embedded pages may not touch their history; the hash they may set.
    page.location.hash = hash;
  }
}
