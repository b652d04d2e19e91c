/**
 * What the colour of a map's points may say, which of it a report can offer, and how a link spells it.
 * @import { Model } from '../data/types.js'
 * @import { Known } from './types.js'
 */

/** @typedef {{id: string, text: string, group: string}} ColorMode */

/** The usual period of "position modulo n", and the longest. */
export const USUAL_MODULUS = 5;
export const MOST_MODULUS = 64;

/** Modes that depend on a head's attention, or that draw patches: one head at a time. */
const ONE_HEAD = ['entropy', 'received', 'length', 'patch'];

const DOCUMENT_LABEL = 'label:';
const TOKEN_LABEL = 'part:';

/**
 * Every mode that a model's maps can be coloured by, in the order of the choice.
 * @param {Known['manifest']} manifest
 * @param {Model | undefined} model
 * @returns {ColorMode[]}
 */
export function colorModes({ documents }, model) {
  const axes = model?.axes ?? [];
  const text = axes.some(({ kind }) => kind === 'text');
  const patches = axes.some(({ kind }) => kind !== 'text');
  const labels = [...new Set(axes.flatMap((axis) => axis.labels ?? []))];
  const images = documents.images ?? [];
  /** @param {boolean} offered @param {string} group @param {...[string, string]} modes */
  const offer = (offered, group, ...modes) => (offered ? modes.map(([id, words]) => ({ id, text: words, group })) : []);
  return [
    ...offer(true, '', ['kind', 'query / key']),
    ...offer(
      text, 'Token',
      ['position', 'position'], [`modulo-${USUAL_MODULUS}`, 'position modulo n'], ['token', 'token'],
      ['frequency', 'frequency'],
    ),
    ...offer(patches, 'Patch', ['row', 'row'], ['column', 'column']),
    ...offer(patches && images.length > 0, 'Patch', ['mean', 'mean colour'], ['patch', 'the patch itself']),
    ...offer(axes.length > 0, 'Attention', ['entropy', 'entropy'], ['received', 'attention received']),
    ...offer(hasVectors(model), 'Attention', ['length', 'length of query or key']),
    ...offer(documents.count > 1, 'Document', ['document', 'document']),
    ...offer(true, 'Document', ...labelModes(DOCUMENT_LABEL, documents.labels ?? [])),
    ...offer(true, 'Token', ...labelModes(TOKEN_LABEL, labels)),
  ];
}

/**
 * The modes of columns of labels, by id and words.
 * @param {string} prefix of ids
 * @param {readonly string[]} names
 */
function labelModes(prefix, names) {
  return names.map((name) => /** @type {[string, string]} */ ([prefix + name, name]));
}

/**
 * Whether q and k of any document are stored: short documents store attention instead.
 * @param {Model | undefined} model
 */
function hasVectors(model) {
  return (model?.heads ?? []).some(({ encodings }) => encodings.some((name) => name.startsWith('query-key')));
}

/**
 * The mode as the report has it; undefined where it has not.
 * @param {string} id
 * @param {Known['manifest']} manifest
 * @param {Model | undefined} model
 * @returns {string | undefined}
 */
export function readColor(id, manifest, model) {
  const modulus = modulusOf(id);
  const offered = modulus === undefined ? id : `modulo-${USUAL_MODULUS}`;
  if (!colorModes(manifest, model).some((mode) => mode.id === offered)) return undefined;
  return modulus === undefined ? id : `modulo-${modulus}`;
}

/** The n of "position modulo n"; undefined for other modes. @param {string} id */
export function modulusOf(id) {
  const n = Number(/^modulo-(\d{1,3})$/.exec(id)?.[1]);
  return n >= 2 && n <= MOST_MODULUS ? n : undefined;
}

/** Whether every head can be painted by this at once, as the atlas does. @param {string} id */
export function suitsAtlas(id) {
  return !ONE_HEAD.includes(id);
}

/**
 * Which column of labels a mode shows: of documents, or of tokens.
 * @param {string} id
 * @returns {{of: 'document' | 'token', name: string} | undefined}
 */
export function labelOf(id) {
  if (id.startsWith(DOCUMENT_LABEL)) return { of: 'document', name: id.slice(DOCUMENT_LABEL.length) };
  if (id.startsWith(TOKEN_LABEL)) return { of: 'token', name: id.slice(TOKEN_LABEL.length) };
  return undefined;
}
