/**
 * A long text in blocks, of which only those near the eye have an element for each token; the others are plain text, so
 * that find-in-page, screen readers and copying have all of it.
 */
import { el } from '../../parts/element.js';
import { makePiece, plainPieces } from './token-pieces.js';

/** @import { DocumentImage, Tokens } from '../../data/types.js' */
/** @import { Piece } from './segments.js' */
/**
 * @typedef {object} Block
 * @property {HTMLElement} element
 * @property {readonly Piece[]} pieces
 * @property {number} first of its tokens
 * @property {number} end of its tokens
 * @property {boolean} near whether it is in sight, or about to be
 * @property {boolean} open whether its tokens have elements
 */

/** So far beyond the edge of what is in sight, in CSS pixels, tokens have elements. */
const MARGIN = '160px';
/** What a block is taken to need until it was in sight: pixels a line, and characters a line. */
const LINE = 36;
const CHARACTERS = 64;

export class TokenBlocks {
  /** The element of each token; undefined where it has none now. @type {(HTMLElement | undefined)[]} */
  spans = [];
  /** @type {Block[]} */
  #blocks = [];
  /** @type {Tokens | undefined} */
  #tokens;
  /** @type {DocumentImage | undefined} */
  #image;
  #onOpen;
  /** A block that stays open wherever it is: the token that is looked through is in it. @type {Block | undefined} */
  #kept;
  #sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) this.#see(target, isIntersecting);
  // Both: within a box that scrolls, only the second counts, which not all browsers know.
  }, /** @type {IntersectionObserverInit} */ ({ rootMargin: MARGIN, scrollMargin: MARGIN }));

  /** @param {(first: number, end: number) => void} onOpen called when these tokens have got elements */
  constructor(onOpen) {
    this.#onOpen = onOpen;
  }

  /**
   * The elements of the blocks.
   * @param {Piece[][]} blocks
   * @param {Tokens} tokens
   * @param {DocumentImage} [image]
   */
  make(blocks, tokens, image) {
    this.clear(tokens);
    this.#image = image;
    const several = blocks.length > 1;
    let first = 0;
    this.#blocks = blocks.map((pieces) => {
      const element = el('div', { class: several ? 'block lazy' : 'block', dir: 'auto' });
      const end = pieces.reduce((most, { token, until }) => Math.max(most, until ?? token + 1), first);
      const block = { element, pieces, first, end, near: false, open: false };
      first = end;
      return block;
    });
    for (const block of this.#blocks) this.#put(block, several);
    return this.#blocks.map(({ element }) => element);
  }

  /** Forgets what there is. @param {Tokens} tokens what comes */
  clear(tokens) {
    this.#sight.disconnect();
    this.#blocks = [];
    this.#kept = undefined;
    this.#tokens = tokens;
    this.spans = new Array(tokens.texts.length);
  }

  get several() {
    return this.#blocks.length > 1;
  }

  /** The tokens that have elements, as ranges [first, end). @returns {[first: number, end: number][]} */
  get open() {
    if (this.#blocks.length === 0) return [[0, this.spans.length]];
    return this.#blocks.filter(({ open }) => open).map(({ first, end }) => [first, end]);
  }

  /** A token's element, made if there is none. @param {number} token */
  span(token) {
    if (!this.spans[token]) {
      const block = this.#blocks.find(({ first, end }) => token >= first && token < end);
      if (block) this.#open(block);
    }
    return this.spans[token];
  }

  /** The element of a token that keeps it until another is kept. @param {number} token */
  keep(token) {
    const before = this.#kept;
    this.#kept = this.#blocks.find(({ first, end }) => token >= first && token < end);
    if (before && before !== this.#kept && !before.near) this.#shut(before);
    return this.span(token);
  }

  /** @param {Block} block @param {boolean} several */
  #put(block, several) {
    if (!several || block.pieces.some(({ kind }) => kind === 'patches')) return this.#open(block);
    const letters = block.pieces.reduce((sum, { text }) => sum + text.length, 0);
    block.element.style.containIntrinsicSize = `auto ${Math.ceil(letters / CHARACTERS) * LINE}px`;
    this.#shut(block);
    this.#sight.observe(block.element);
  }

  /** @param {Element} element @param {boolean} near */
  #see(element, near) {
    const block = this.#blocks.find((each) => each.element === element);
    if (!block) return;
    block.near = near;
    if (near) this.#open(block);
    else if (block !== this.#kept && !element.contains(document.activeElement)) this.#shut(block);
  }

  /** @param {Block} block */
  #open(block) {
    const tokens = this.#tokens;
    if (block.open || !tokens) return;
    block.open = true;
    block.element.classList.remove('plain');
    block.element.replaceChildren(
      ...block.pieces.map((piece) => makePiece(piece, tokens, this.spans, this.#image)));
    this.#onOpen(block.first, block.end);
  }

  /** @param {Block} block */
  #shut(block) {
    if (!this.#tokens) return;
    block.open = false;
    this.spans.fill(undefined, block.first, block.end);
    block.element.classList.add('plain');
    block.element.replaceChildren(...plainPieces(block.pieces, this.#tokens));
  }
}
