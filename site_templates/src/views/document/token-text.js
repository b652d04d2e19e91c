/** A document's tokens as text that can be shaded: one span a token, recoloured only where the shade changes. */
import { el, fill } from '../../parts/element.js';
import { PROMPT, WHOLE } from '../../parts/passages.js';
import { makePatchGrid } from '../../parts/patches.js';
import { makeStrip } from '../../parts/strip.js';
import { MASKED } from '../../parts/shading.js';
import { cutText, makeBlocks } from './segments.js';
import { TokenBlocks } from './token-blocks.js';
import { makePiece, patchesOf } from './token-pieces.js';

/** @import { DocumentImage, Tokens } from '../../data/types.js' */
/** @import { Heat } from '../../draw/heat.js' */
/** @import { Passage } from '../../parts/passages.js' */
/** @import { Strip } from '../../parts/strip.js' */
/** @import { Piece } from './segments.js' */
/**
 * @typedef {{passage?: Passage, image?: DocumentImage}} Setting of the tokens: their part of the text, or their image
 */
/** @typedef {Uint8Array | Uint16Array} Levels */
/** @typedef {{levels: Levels, heat: Heat}} Layer */

/** A text of tokens. */
export class TokenText {
  element;
  /** @type {Levels} */
  #levels = new Uint8Array(0);
  /** @type {Heat | undefined} */
  #heat;
  /** The other direction, as a line below each token. @type {Layer | undefined} */
  #under;
  /** @type {{tokens: readonly number[], pinned: boolean}} */
  #marked = { tokens: [], pinned: false };
  /** @type {HTMLElement | undefined} */
  #active;
  /** Others of the marked tokens. @type {HTMLElement[]} */
  #beside = [];
  /** The frames of a video. @type {Strip | undefined} */
  strip;
  #blocks = new TokenBlocks((first, end) => this.#dress(first, end));

  /** @param {string} label */
  constructor(label) {
    this.element = el('div', { class: 'token-text', role: 'group', 'aria-label': label });
  }

  /** @param {string} text @param {Tokens} tokens @param {Setting} [setting] */
  setText(text, tokens, { passage = WHOLE, image } = {}) {
    this.#levels = new Uint8Array(tokens.texts.length);
    this.#under = undefined;
    this.#marked = { tokens: [], pinned: false };
    this.#active = undefined;
    this.#beside = [];
    this.strip = undefined;
    const pieces = cutText(text, tokens, passage);
    this.element.classList.toggle('prompted', passage.names === PROMPT);
    // An image alone stands beside its special tokens; within a text it stands where its tokens do.
    if (pieces.every(({ kind }) => kind === 'chip' || kind === 'patches')) {
      this.#blocks.clear(tokens);
      const patches = pieces.filter(({ kind }) => kind === 'patches').flatMap(patchesOf);
      this.strip = image?.frames && patches.length > 0
        ? makeStrip(tokens, patches, image, this.#blocks.spans) : undefined;
      const picture = this.strip?.element
        ?? (patches.length > 0 && makePatchGrid(tokens, patches, image, this.#blocks.spans));
      return fill(this.element, makeImage(pieces, tokens, this.#blocks.spans, picture));
    }
    fill(this.element, ...this.#blocks.make(makeBlocks(pieces, tokens.texts.length), tokens, image));
  }

  /**
   * @param {Levels} next a level of the heat, or MASKED, for each token
   * @param {Heat} heat
   * @param {boolean} [all] also where the level has not changed: the colours have
   * @param {Layer} [under] the other direction
   */
  shade(next, heat, all = false, under) {
    this.#heat = heat;
    const spans = this.#blocks.spans;
    for (const [first, end] of this.#blocks.open) {
      for (let i = first; i < end; i++) {
        if (all || next[i] !== this.#levels[i]) paint(spans[i], this.#levels[i], next[i], heat);
      }
    }
    this.#levels = next;
    if (under || this.#under) this.#shadeUnder(under, all);
  }

  /** @param {Layer | undefined} under @param {boolean} all */
  #shadeUnder(under, all) {
    const before = this.#under;
    this.#under = under;
    this.element.classList.toggle('both', under !== undefined);
    for (const [first, end] of this.#blocks.open) {
      for (let i = first; i < end; i++) {
        const level = under?.levels[i] ?? 0;
        if (all || level !== before?.levels[i]) paintUnder(this.#blocks.spans[i], level, under?.heat);
      }
    }
  }

  /** Shades and marks tokens that have just got elements. @param {number} first @param {number} end */
  #dress(first, end) {
    const { spans } = this.#blocks;
    for (let i = first; i < end; i++) {
      if (this.#heat) paint(spans[i], 0, this.#levels[i], this.#heat);
      if (this.#under) paintUnder(spans[i], this.#under.levels[i], this.#under.heat);
    }
    const [token = -1, ...others] = this.#marked.tokens;
    if (token >= first && token < end) this.#markActive(spans[token]);
    for (const other of others) if (other >= first && other < end) this.#markBeside(spans[other]);
  }

  /** @param {readonly number[]} tokens the first is where Tab leads @param {boolean} pinned */
  mark(tokens, pinned) {
    this.#active?.classList.remove('active', 'pinned');
    this.#active?.setAttribute('tabindex', '-1');
    this.#active?.removeAttribute('aria-pressed');
    for (const span of this.#beside) {
      span.classList.remove('beside');
      span.removeAttribute('aria-pressed');
    }
    this.#beside = [];
    this.#marked = { tokens, pinned };
    this.#active = undefined;
    const [token, ...others] = tokens;
    if (token === undefined) this.#blocks.span(0)?.setAttribute('tabindex', '0');
    else this.#markActive(this.#blocks.keep(token));
    for (const other of others) this.#markBeside(this.#blocks.spans[other]);
  }

  /** @param {HTMLElement | undefined} span */
  #markActive(span) {
    const { pinned } = this.#marked;
    this.#active = span;
    span?.classList.add('active');
    span?.classList.toggle('pinned', pinned);
    span?.setAttribute('tabindex', '0');
    span?.setAttribute('aria-pressed', String(pinned));
  }

  /** @param {HTMLElement | undefined} span */
  #markBeside(span) {
    if (!span) return;
    this.#beside.push(span);
    span.classList.add('beside');
    span.setAttribute('aria-pressed', 'true');
  }

  /** @param {number} token */
  focus(token) {
    const span = this.#blocks.span(token);
    span?.focus({ preventScroll: true });
    span?.scrollIntoView({ block: 'nearest' });
  }

  /** Scrolls as little as it takes to see a token. @param {number} token */
  reveal(token) {
    this.#blocks.span(token)?.scrollIntoView({ block: 'nearest' });
  }

  /** The token an event is about, or undefined. @param {EventTarget | null} target */
  tokenAt(target) {
    const span = target instanceof Element ? target.closest('[data-token]') : null;
    return span instanceof HTMLElement && this.element.contains(span) ? Number(span.dataset.token) : undefined;
  }

  /** @param {number} token */
  box(token) {
    return this.#blocks.span(token)?.getBoundingClientRect();
  }

  /** The token above or below, by what the eye sees. @param {number} token @param {1 | -1} down */
  vertical(token, down) {
    return nextLine(this.#blocks, token, down);
  }
}

/**
 * @param {HTMLElement | undefined} span
 * @param {number} before its level until now
 * @param {number} level
 * @param {Heat} heat
 */
function paint(span, before, level, heat) {
  if (!span) return;
  const masked = level === MASKED;
  const patch = span.classList.contains('patch');
  span.style.backgroundColor = masked ? '' : (patch ? heat.veil : heat.background)[level];
  // A chip is quiet until it is shaded.
  span.style.color = masked || patch
    ? '' : heat.ink[level] || (level > 0 && span.classList.contains('chip-token') ? 'var(--ink)' : '');
  if (masked !== (before === MASKED)) span.classList.toggle('masked', masked);
}

/** @param {HTMLElement | undefined} span @param {number} level or MASKED @param {Heat | undefined} heat */
function paintUnder(span, level, heat) {
  if (!span) return;
  // What is below shows through where the other direction is faint.
  const color = level === MASKED ? '' : heat?.veil[level] ?? '';
  span.style.backgroundImage = color && `linear-gradient(${color}, ${color})`;
}

/**
 * All patches lie on one image, also where special tokens stand between them.
 * @param {Piece[]} pieces
 * @param {Tokens} tokens
 * @param {(HTMLElement | undefined)[]} spans
 * @param {HTMLElement | false} picture
 */
function makeImage(pieces, tokens, spans, picture) {
  const chips = pieces.filter(({ kind }) => kind === 'chip')
    .map((piece) => makePiece(piece, tokens, spans, undefined));
  return el('div', { class: 'image-block' }, chips.length > 0 && el('div', { class: 'chips' }, ...chips), picture);
}

/** @param {TokenBlocks} blocks @param {number} token @param {1 | -1} down */
function nextLine(blocks, token, down) {
  const from = blocks.span(token)?.getBoundingClientRect();
  if (!from) return token;
  const middle = from.left + from.width / 2;
  let best = token;
  let least = Infinity;
  let line = NaN;
  for (let i = token + down; i >= 0 && i < blocks.spans.length; i += down) {
    const box = blocks.span(i)?.getBoundingClientRect();
    if (!box || Math.abs(box.top - from.top) < from.height / 2 || box.width === 0) continue;
    if (Number.isNaN(line)) line = box.top;
    if (Math.abs(box.top - line) > from.height / 2) break;
    const away = Math.abs(box.left + box.width / 2 - middle);
    if (away < least) {
      least = away;
      best = i;
    }
  }
  return best;
}
