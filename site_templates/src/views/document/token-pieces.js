/** The pieces of a document's text as elements: tokens that can be shaded, marks, quiet white space. */
import { el } from '../../parts/element.js';
import { clip } from '../../parts/names.js';
import { count } from '../../parts/numbers.js';
import { makePatchGrid } from '../../parts/patches.js';

/** @import { DocumentImage, Tokens } from '../../data/types.js' */
/** @import { Piece } from './segments.js' */

/** Longer tokens are cut on the page; the inspector has them whole. */
const LONGEST_TOKEN = 120;
const LONGEST_REST = 1500;
const LONGEST_CHIP = 24;

/**
 * @param {Piece} piece
 * @param {Tokens} tokens
 * @param {(HTMLElement | undefined)[]} spans those of tokens are written into
 * @param {DocumentImage | undefined} image
 */
export function makePiece(piece, tokens, spans, image) {
  const { kind, text, token } = piece;
  if (kind === 'patches') return makePatchGrid(tokens, patchesOf(piece), image, spans);
  if (kind === 'mark') return el('span', { class: 'part-mark' }, text);
  if (kind === 'gap') return quietSpace(text, false);
  if (kind === 'break') {
    return el('span', { class: 'line-end' }, el('i', { class: 'space', 'aria-hidden': 'true' }, '↵'), el('br'));
  }
  if (kind === 'blank') return el('span', { class: 'blank-line', 'aria-hidden': 'true' }, '↵');
  if (kind === 'rest') {
    return el('span', { class: 'rest', title: 'The model did not take this part of the text' },
      clip(text, LONGEST_REST));
  }
  const chip = kind === 'chip';
  const span = el('span', {
    class: chip ? `token ${chipClass(tokens, token)}` : `token${tokens.segment[token] === 1 ? ' second' : ''}`,
    role: 'button', tabIndex: -1, 'data-token': token,
    // Names of pieces do not decide which way the text runs.
    dir: chip ? 'ltr' : null,
  }, ...(chip ? [chipText(text)] : tokenParts(text)));
  spans[token] = span;
  return span;
}

/**
 * The same pieces to read alone, with a handful of elements: for text that is out of sight.
 * @param {readonly Piece[]} pieces
 * @param {Tokens} tokens
 */
export function plainPieces(pieces, tokens) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let text = '';
  for (const piece of pieces) {
    if (piece.kind === 'chip' || piece.kind === 'mark') {
      const kind = piece.kind === 'mark' ? 'part-mark' : chipClass(tokens, piece.token);
      nodes.push(text, el('span', { class: kind }, piece.kind === 'mark' ? piece.text : chipText(piece.text)));
      text = '';
    } else if (piece.kind === 'break' || piece.kind === 'blank') text += '↵\n';
    else text += clip(piece.text, piece.kind === 'rest' ? LONGEST_REST : LONGEST_TOKEN);
  }
  return [...nodes, text];
}

/** @param {Tokens} tokens @param {number} token */
function chipClass(tokens, token) {
  return tokens.special[token] ? 'chip-token special' : 'chip-token';
}

/** @param {string} text */
function chipText(text) {
  return clip(text, LONGEST_CHIP) || '∅';
}

/** @param {Piece} piece */
export function patchesOf({ token, until = token }) {
  return Array.from({ length: until - token }, (_, at) => token + at);
}

/** @param {string} text @returns {(Node | string)[]} */
function tokenParts(text) {
  const short = clip(text, LONGEST_TOKEN);
  const parts = short.split(/(\s+)/).filter((part) => part !== '').map((part) =>
    (/^\s/.test(part) ? quietSpace(part, true) : part));
  if (short !== text) parts.push(el('span', { class: 'cut' }, `${count(Array.from(text).length)} characters`));
  return parts;
}

/**
 * White space that can be seen but does not shout.
 * @param {string} text
 * @param {boolean} within a token: every space counts
 */
function quietSpace(text, within) {
  if (!within && text === ' ') return ' ';
  return el('i', { class: 'space' }, ...Array.from(text, (character) => {
    if (character === '\t') return '→\u200b';
    if (character === '\n' || character === '\r') return '';
    return within || text.length > 1 ? '·\u200b' : character;
  }));
}
