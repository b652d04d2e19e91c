/** Names for people: of tokens and patches, and texts cut to a length. */

/** @import { Tokens } from '../data/types.js' */

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A long text's beginning. @param {string} text @param {number} length in characters */
export function clip(text, length) {
  const characters = Array.from(text.slice(0, 2 * length + 2));
  return characters.length > length ? `${characters.slice(0, length).join('')}…` : text;
}

/** Blanks as signs that can be seen. @type {Record<string, string>} */
const SIGNS = { ' ': '␣', '\n': '↵', '\r': '↵', '\t': '→' };

/**
 * What to call a token in a line of text: its slice of the document, blanks as signs, else the vocabulary's piece.
 * @param {string} surface
 * @param {string} piece
 */
export function tokenName(surface, piece) {
  const blanks = Array.from(surface, (blank) => SIGNS[blank] ?? '␣').join('');
  return clip(surface.trim() || blanks || piece || '∅', 32);
}

const PLACE = /^\d+,\d+$/;

/** Whether a token is a patch of a picture, which has no other name than its place. @param {Tokens} tokens
 * @param {number} index */
export function isPlace({ row, texts }, index) {
  return row[index] >= 0 && PLACE.test(texts[index]);
}

/**
 * A token by its index; a patch by its row and column, counted from one, or by its own name, such as a frame's.
 * @param {Tokens} tokens
 * @param {number} index
 */
export function nameToken(tokens, index) {
  if (isPlace(tokens, index)) {
    return `r${tokens.row[index] + 1} c${tokens.column[index] + 1}`;
  }
  return tokens.names?.[index] ?? tokenName(tokens.surface(index), tokens.texts[index]);
}

/**
 * What to call all tokens of a vocabulary's piece, by one of them: its letters in place of their bytes, ␣ for the
 * blank before them.
 * @param {Tokens} tokens
 * @param {number} index
 */
export function nameType(tokens, index) {
  const piece = tokens.texts[index];
  const name = tokens.names?.[index];
  if (name || tokens.special[index]) return name ?? piece;
  const surface = tokens.surface(index).trim();
  if (surface === '') return tokenName(tokens.surface(index), piece);
  const rest = piece.replace(/^[Ġ▁]+/, '');
  const readable = /^[\0-\x7f]*$/.test(rest) || rest.toLowerCase() === surface.toLowerCase();
  return '␣'.repeat(piece.length - rest.length) + (readable ? rest : surface);
}
