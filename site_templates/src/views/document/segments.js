/**
 * A document's text cut at its tokens, gaps and line breaks kept: what the document view lays out. Pure.
 * @import { Tokens } from '../../data/types.js'
 * @import { Passage } from '../../parts/passages.js'
 */
import { codePointSlicer } from '../../data/texts.js';
import { WHOLE as WHOLE_TEXT } from '../../parts/passages.js';

/**
 * @typedef {object} Piece
 * @property {'token' | 'chip' | 'patches' | 'mark' | 'gap' | 'break' | 'blank' | 'rest'} kind
 *   token: a slice of the text; chip: a token that stands for no text of its own; gap: text between tokens;
 *   break: the end of a line; blank: the end of an empty line; rest: text that the model did not take;
 *   patches: those of an image, together; mark: the name of the part that begins
 * @property {string} text
 * @property {number} token its index, the first of several patches, −1 for what is no token
 * @property {number} [until] the end of several patches
 */

/** Documents of at most so many tokens are one block: only long ones are worth breaking. */
const WHOLE = 1024;
const LEAST_BLOCK = 40;
const SENTENCE_BLOCK = 120;
const MOST_BLOCK = 240;

/**
 * @param {string} text
 * @param {Pick<Tokens, 'texts' | 'names' | 'start' | 'end' | 'special' | 'row'>} tokens
 * @param {Passage} [passage] the part of the text that they are of
 * @returns {Piece[]}
 */
export function cutText(text, tokens, passage = WHOLE_TEXT) {
  const slice = codePointSlicer(text);
  /** @type {Piece[]} */
  const pieces = [];
  let cursor = passage.from;
  if (passage.names && passage.second > 0) pieces.push({ kind: 'mark', text: passage.names[0], token: -1 });
  for (let i = 0; i < tokens.texts.length; i++) {
    if (tokens.row[i] >= 0) {
      pushPatch(pieces, i);
      continue;
    }
    const start = tokens.start[i];
    const end = tokens.end[i];
    if (start > cursor) pushGap(pieces, slice(cursor, start));
    if (passage.names && i === passage.second) pieces.push({ kind: 'mark', text: passage.names[1], token: -1 });
    const surface = start < 0 ? '' : slice(Math.max(start, cursor), end);
    if (start >= 0) cursor = Math.max(cursor, end);
    // Pieces of one character, as of an emoji, share its slice: the first shows it, the others which part they are.
    const name = tokens.names?.[i] ?? tokens.texts[i];
    if (surface === '' || tokens.special[i]) pieces.push({ kind: 'chip', text: name, token: i });
    else pushToken(pieces, surface, i);
  }
  const rest = slice(cursor, passage.to);
  if (rest.trim() === '') pushGap(pieces, rest);
  else pieces.push({ kind: 'rest', text: rest, token: -1 });
  return pieces;
}

/** Patches that follow each other are one piece. @param {Piece[]} pieces @param {number} token */
function pushPatch(pieces, token) {
  const last = pieces[pieces.length - 1];
  if (last?.kind === 'patches') last.until = token + 1;
  else pieces.push({ kind: 'patches', text: '', token, until: token + 1 });
}

/** @param {Piece[]} pieces @param {string} text */
function pushGap(pieces, text) {
  text.split(/(\r\n|\n|\r)/).forEach((part, at) => {
    if (at % 2 === 1) pushBreak(pieces);
    else if (part !== '') pieces.push({ kind: 'gap', text: part, token: -1 });
  });
}

/**
 * A token may hold line breaks itself: they still break the line, after it.
 * @param {Piece[]} pieces
 * @param {string} text
 * @param {number} token
 */
function pushToken(pieces, text, token) {
  pieces.push({ kind: 'token', text, token });
  const breaks = text.match(/\r\n|\n|\r/g)?.length ?? 0;
  for (let i = 0; i < breaks; i++) pushBreak(pieces);
}

/** @param {Piece[]} pieces */
function pushBreak(pieces) {
  const last = pieces[pieces.length - 1]?.kind;
  pieces.push({ kind: last === 'break' || last === 'blank' ? 'blank' : 'break', text: '', token: -1 });
}

/**
 * Pieces in blocks that a browser may lay out one by one: at line breaks, else at ends of sentences.
 * @param {Piece[]} pieces
 * @param {number} tokens
 * @returns {Piece[][]}
 */
export function makeBlocks(pieces, tokens) {
  if (tokens <= WHOLE) return [pieces];
  /** @type {Piece[][]} */
  const blocks = [[]];
  let count = 0;
  for (const piece of pieces) {
    blocks[blocks.length - 1].push(piece);
    if (piece.token >= 0) count++;
    const done = (count >= LEAST_BLOCK && (piece.kind === 'break' || piece.kind === 'blank')) || count >= MOST_BLOCK
      || (count >= SENTENCE_BLOCK && piece.kind === 'token' && /[.!?。！？؟]$/.test(piece.text));
    if (!done) continue;
    blocks.push([]);
    count = 0;
  }
  return blocks.filter((block) => block.length > 0);
}
