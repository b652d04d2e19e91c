/** Where everything comes from: corpus, model, versions, licences, and what was shortened or assumed. */
import { el, fill } from '../../parts/element.js';
import { clip } from '../../parts/names.js';
import { bytes, count, plural } from '../../parts/numbers.js';

/** @import { Report } from '../../data/report.js' */
/** @import { Manifest, Model } from '../../data/types.js' */

/** @param {Report} report */
export function createProvenance(report) {
  const element = el('details', { class: 'card provenance' });
  let modelName = '';
  return {
    element,
    /** @param {string} name */
    show(name) {
      const model = report.model(name);
      if (modelName === name || !model) return;
      modelName = name;
      fill(element, el('summary', {}, 'Where this comes from'), modelFacts(model), corpusFacts(report.manifest),
        madeBy(report.manifest), noticeList(report.manifest));
    },
  };
}

/** @param {Model} model */
function modelFacts(model) {
  if (model.attention_by) {
    return section('Attention', [['Name', model.title], ['As given by', model.attention_by],
      ['Model', 'none ran: nothing certifies that this is a model’s own attention'],
      ['Tokens', model.axes.map((axis) => count(axis.tokens)).join(', ')]]);
  }
  return section('Model', [
    ['Name', model.title], ['Source', model.source], ['Revision', model.revision], ['Architecture', model.architecture],
    ['Parameters', `${count(model.parameters)}, ${model.dtype}`], ['Weights, SHA-256', hash(model.weights_sha256)],
    ['Quantised by', model.quantization ?? null],
    ['Adapter', model.adapter ? `${clip(model.adapter.source, 200)} (${model.adapter.method}), merged` : null],
    ['Adapter, SHA-256', model.adapter ? hash(model.adapter.sha256) : null],
    ['Not in its checkpoint', unneeded(model.unneeded ?? [])],
    ['Tokens', model.axes.map((axis) => count(axis.tokens)).join(', ')],
  ]);
}

/** @param {readonly string[]} names weights that nothing shown depends on */
function unneeded(names) {
  return names.length === 0 ? null : `${clip(names.join(', '), 200)}: no attention depends on it`;
}

/** @param {Manifest} manifest */
function corpusFacts({ provenance, documents }) {
  return el('div', {}, section('Corpus', [
    ['Name', provenance.corpus.name], ['SHA-256', hash(provenance.corpus.sha256)],
    ['Documents', count(documents.count)],
  ]), ...provenance.sources.map((source) => el('div', { class: 'source' },
    el('p', {}, el('b', {}, el('bdi', {}, clip(source.name, 200))),
      el('span', { class: 'quiet' }, ` ${plural(source.documents, 'document')}`)),
    source.source && el('p', {}, source.source),
    source.revision && el('p', { class: 'quiet' }, `Commit: ${source.revision.slice(0, 12)}`),
    el('p', { class: 'quiet' }, source.licence ? `Licence: ${source.licence}` : 'Licence: not stated'))));
}

/** @param {Manifest} manifest */
function madeBy({ provenance, fidelity, shards }) {
  const size = Object.values(shards).reduce((sum, shard) => sum + shard.bytes, 0);
  return section('Made with', [
    ['Generator', provenance.generator], ...Object.entries(provenance.versions),
    ['Device', `${provenance.device}, ${plural(provenance.threads, 'thread')}`],
    ['Seed', String(provenance.seed)],
    ['Bounds', `mean total variation ${fidelity.total_variation}, largest error ${fidelity.max_error}`],
    ['Data', `${bytes(size)} in ${plural(Object.keys(shards).length, 'file')}`],
  ]);
}

/** @param {Manifest} manifest */
function noticeList({ notices }) {
  if (notices.length === 0) return null;
  return el('div', { class: 'notices' }, el('h3', {}, plural(notices.length, 'notice')),
    el('ul', {}, ...notices.map((notice) => el('li', {}, notice.message))));
}

/** @param {string} title @param {readonly (readonly [string, string | Node | null])[]} facts */
function section(title, facts) {
  return el('div', {}, el('h3', {}, title), el('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => (
    value === null || value === '' ? [] : [el('dt', {}, name), el('dd', {}, value)]))));
}

/** @param {string} digits */
function hash(digits) {
  return el('code', { class: 'wrap', title: digits }, digits.slice(0, 16) + (digits.length > 16 ? '…' : ''));
}
