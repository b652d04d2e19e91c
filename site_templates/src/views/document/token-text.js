/** A document's tokens as text that can be shaded: one span a token, recoloured only where the shade changes. */
import { el, fill } from '../../parts/element.js';
import { PROMPT, WHOLE } from '../../parts/passages.js';
import { makePatchGrid } from '../../parts/patches.js';
import { MASKED } from '../../parts/token-shares.js';
import { cutText, makeBlocks } from './segments.js';
import { TokenBlocks } from './token-blocks.js';
import { makePiece, patchesOf } from './token-pieces.js';

/** @import { DocumentImage, Tokens } from '../../data/types.js' */
/** @import { Heat } from '../../draw/heat.js' */
/** @import { Passage } from '../../parts/passages.js' */
/** @import { Piece } from './segments.js' */
/**
 * @typedef {{passage?: Passage, image?: DocumentImage}} Setting of the tokens: their part of the text, or their image
 */

/**
 * @param {string} label
 */
export function createTokenText(label) {
  const element = el('div', { class: 'token-text', role: 'group', 'aria-label': label });
  /** @type {Uint8Array} */
  let levels = new Uint8Array(0);
  /** @type {Heat | undefined} */
  let heat;
  /** @type {{token: number | null, pinned: boolean}} */
  let marked = { token: null, pinned: false };
  /** @type {HTMLElement | undefined} */
  let active;
  const blocks = new TokenBlocks((first, end) => {
    if (heat) for (let i = first; i < end; i++) paint(blocks.spans[i], 0, levels[i], heat);
    const { token, pinned } = marked;
    if (token !== null && token >= first && token < end) markSpan(blocks.spans[token], pinned);
  });

  /** @param {HTMLElement | undefined} span @param {boolean} pinned */
  function markSpan(span, pinned) {
    active = span;
    active?.classList.add('active');
    active?.classList.toggle('pinned', pinned);
    active?.setAttribute('tabindex', '0');
    active?.setAttribute('aria-pressed', String(pinned));
  }

  return {
    element,
    /** @param {string} text @param {Tokens} tokens @param {Setting} [setting] */
    setText(text, tokens, { passage = WHOLE, image } = {}) {
      levels = new Uint8Array(tokens.texts.length);
      marked = { token: null, pinned: false };
      active = undefined;
      const pieces = cutText(text, tokens, passage);
      element.classList.toggle('prompted', passage.names === PROMPT);
      // An image alone stands beside its special tokens; within a text it stands where its tokens do.
      if (pieces.every(({ kind }) => kind === 'chip' || kind === 'patches')) {
        blocks.clear(tokens);
        return fill(element, makeImage(pieces, tokens, blocks.spans, image));
      }
      fill(element, ...blocks.make(makeBlocks(pieces, tokens.texts.length), tokens, image));
    },
    /**
     * @param {Uint8Array} next a level of the heat, or MASKED, for each token
     * @param {Heat} colors
     * @param {boolean} [all] also where the level has not changed: the colours have
     */
    shade(next, colors, all = false) {
      heat = colors;
      for (const [first, end] of blocks.open) {
        for (let i = first; i < end; i++) {
          if (all || next[i] !== levels[i]) paint(blocks.spans[i], levels[i], next[i], colors);
        }
      }
      levels = next;
    },
    /** @param {number | null} token @param {boolean} pinned */
    mark(token, pinned) {
      active?.classList.remove('active', 'pinned');
      active?.setAttribute('tabindex', '-1');
      active?.removeAttribute('aria-pressed');
      marked = { token, pinned };
      if (token !== null) return markSpan(blocks.keep(token), pinned);
      active = undefined;
      blocks.span(0)?.setAttribute('tabindex', '0');
    },
    /** @param {number} token */
    focus(token) {
      const span = blocks.span(token);
      span?.focus({ preventScroll: true });
      span?.scrollIntoView({ block: 'nearest' });
    },
    /** Scrolls as little as it takes to see a token. @param {number} token */
    reveal: (token) => blocks.span(token)?.scrollIntoView({ block: 'nearest' }),
    /** The token an event is about, or undefined. @param {EventTarget | null} target */
    tokenAt(target) {
      const span = target instanceof Element ? target.closest('[data-token]') : null;
      return span instanceof HTMLElement && element.contains(span) ? Number(span.dataset.token) : undefined;
    },
    /** @param {number} token */
    box: (token) => blocks.span(token)?.getBoundingClientRect(),
    /** The token above or below, by what the eye sees. @param {number} token @param {1 | -1} down */
    vertical: (token, down) => nextLine(blocks, token, down),
  };
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

/**
 * All patches lie on one image, also where special tokens stand between them.
 * @param {Piece[]} pieces
 * @param {Tokens} tokens
 * @param {(HTMLElement | undefined)[]} spans
 * @param {DocumentImage | undefined} image
 */
function makeImage(pieces, tokens, spans, image) {
  const chips = pieces.filter(({ kind }) => kind === 'chip').map((piece) => makePiece(piece, tokens, spans, image));
  const patches = pieces.filter(({ kind }) => kind === 'patches').flatMap(patchesOf);
  return el('div', { class: 'image-block' }, chips.length > 0 && el('div', { class: 'chips' }, ...chips),
    patches.length > 0 && makePatchGrid(tokens, patches, image, spans));
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
