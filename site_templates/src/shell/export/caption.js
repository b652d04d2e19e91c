/** The words that go with a figure: what it shows, of which model, how true it is, where from; and how to cite. */
import { headInWords } from '../../parts/head-card.js';
import { clip } from '../../parts/names.js';
import { certificateInWords } from '../../parts/truth.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Report } from '../../data/report.js' */
/** @import { Exhibit } from '../../parts/figure/types.js' */
/** @import { Head } from '../../parts/types.js' */

/** Of a hash, as many digits as tell weights apart. */
const DIGITS = 12;
const LONGEST_TITLE = 80;
/** More heads than this are counted. */
const MOST_HEADS = 4;

/**
 * @param {Report} report @param {Model} model @param {Exhibit} exhibit
 * @param {{link: string, title: string | undefined}} facts the address, and the document's title
 */
export function captionOf(report, model, { heads, document, words }, { link, title }) {
  const { title: name, provenance } = report.manifest;
  const where = document === undefined ? ''
    : `, document ${document + 1}${title ? ` (${clip(title, LONGEST_TITLE)})` : ''}`;
  return [
    `${headsInWords(heads, model)} of ${modelInWords(model)}${where}.`, words, fidelity(heads),
    `From the report “${name}”, made with ${provenance.generator}: ${addressOf(report, link)}`,
  ].filter(Boolean).join(' ').replace(/[\u202f\u00a0]/g, ' ');
}

/** Where others find it: not in a folder of this machine. @param {Report} report @param {string} link */
function addressOf({ manifest: { site } }, link) {
  const hash = `index.html#${link.split('#')[1] ?? ''}`;
  if (site.url) return `${site.url.replace(/\/?$/, '/')}${hash}`;
  return link.startsWith('file:') ? hash : link;
}

/** @param {readonly Head[]} heads @param {Model} model */
function headsInWords(heads, model) {
  if (heads.length === 0) return 'Scores that came with the text, on the tokens';
  if (heads.length === 1) return `${heads[0].id} (${headInWords(heads[0])}, counted from 0)`;
  if (heads.length <= MOST_HEADS) return `Heads ${heads.map(({ id }) => id).join(', ')}`;
  return `${heads.length} heads${model.stacks.length > 1 ? ` in ${model.stacks.length} stacks` : ''}`;
}

/** @param {Model} model */
function modelInWords({ title, source, revision, weights_sha256: hash, adapter, attention_by: by }) {
  if (by) return `${title} (attention as given by ${by}; no model ran)`;
  const name = source && source !== title ? [source] : [];
  const facts = [...name, ...(revision ? [`revision ${revision.slice(0, DIGITS)}`] : []),
    `weights SHA-256 ${hash.slice(0, DIGITS)}`, ...(adapter ? [`adapter ${adapter.sha256.slice(0, DIGITS)}`] : [])];
  return `${title} (${facts.join(', ')})`;
}

/** The certificate of the head, or of the one among several that is least exact. @param {readonly Head[]} heads */
function fidelity(heads) {
  const worst = heads.reduce((most, head) => (
    head.certificate.total_variation > most.certificate.total_variation ? head : most), heads[0]);
  if (!worst) return '';
  const { title, text } = certificateInWords(worst.certificate);
  return heads.length === 1 ? `${title} ${text}` : `Least exact of these heads is ${worst.id}: ${title} ${text}`;
}

/** Entries for the program and for the report. @param {Report} report @param {string} year when the page was written */
export function bibtexOf({ manifest: { title, site, provenance } }, year) {
  const version = /\d[\w.+-]*/.exec(provenance.generator)?.[0] ?? '';
  const entry = (/** @type {string} */ head, /** @type {Record<string, string>} */ fields) => (
    `@${head},\n${Object.entries(fields).filter(([, value]) => value).map(([name, value]) => (
      `  ${name} = {${value}},\n`)).join('')}}\n`);
  return entry('software{attnviz', {
    title: '{attnviz}: one explorable, static report of every attention head', author: '{The attnviz contributors}',
    version,
  }) + entry('misc{attnviz-report', {
    title: escapeTex(title), year, howpublished: `Report made with attnviz${version && ` ${version}`}`,
    note: `Corpus SHA-256 ${provenance.corpus.sha256}`, url: site.url ?? '',
  });
}

/** @param {string} text */
function escapeTex(text) {
  return text.replace(/[\\{}]/g, '').replace(/[&%$#_]/g, '\\$&').replace(/[~^]/g, ' ');
}
