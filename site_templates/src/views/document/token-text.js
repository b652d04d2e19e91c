/** A document's tokens as text that can be shaded: one span a token, recoloured only where the shade changes. */
import { el, fill } from '../../parts/element.js';
import { clip } from '../../parts/names.js';
import { count } from '../../parts/numbers.js';
import { PROMPT, WHOLE } from '../../parts/passages.js';
import { makePatchGrid } from '../../parts/patches.js';
import { MASKED } from '../../parts/token-shares.js';
import { cutText, makeBlocks } from './segments.js';

/** @import { DocumentImage, Tokens } from '../../data/types.js' */
/** @import { Heat } from '../../draw/heat.js' */
/** @import { Passage } from '../../parts/passages.js' */
/** @import { Piece } from './segments.js' */
/**
 * @typedef {{passage?: Passage, image?: DocumentImage}} Setting of the tokens: their part of the text, or their image
 */

/** Longer tokens are cut on the page; the inspector has them whole. */
const LONGEST_TOKEN = 120;
const LONGEST_REST = 1500;

/**
 * @param {string} label
 */
export function createTokenText(label) {
  const element = el('div', { class: 'token-text', role: 'group', 'aria-label': label });
  /** @type {HTMLElement[]} */
  let spans = [];
  /** @type {Uint8Array} */
  let levels = new Uint8Array(0);
  /** @type {HTMLElement | undefined} */
  let active;

  return {
    element,
    /** @param {string} text @param {Tokens} tokens @param {Setting} [setting] */
    setText(text, tokens, { passage = WHOLE, image } = {}) {
      spans = new Array(tokens.texts.length);
      levels = new Uint8Array(tokens.texts.length);
      active = undefined;
      const pieces = cutText(text, tokens, passage);
      element.classList.toggle('prompted', passage.names === PROMPT);
      const make = (/** @type {Piece} */ piece) => makePiece(piece, tokens, spans, image);
      // An image alone stands beside its special tokens; within a text it stands where its tokens do.
      if (pieces.every(({ kind }) => kind === 'chip' || kind === 'patches')) {
        return fill(element, makeImage(pieces, make, (patches) => makePatchGrid(tokens, patches, image, spans)));
      }
      const blocks = makeBlocks(pieces, tokens.texts.length);
      fill(element,
        ...blocks.map((block) =>
          el('div', { class: blocks.length > 1 ? 'block lazy' : 'block', dir: 'auto' }, ...block.map(make))));
    },
    /**
     * @param {Uint8Array} next a level of the heat, or MASKED, for each token
     * @param {Heat} heat
     * @param {boolean} [all] also where the level has not changed: the colours have
     */
    shade(next, heat, all = false) {
      for (let i = 0; i < spans.length; i++) {
        if (!all && next[i] === levels[i]) continue;
        const span = spans[i];
        const masked = next[i] === MASKED;
        const patch = span.classList.contains('patch');
        span.style.backgroundColor = masked ? '' : (patch ? heat.veil : heat.background)[next[i]];
        // A chip is quiet until it is shaded.
        span.style.color = masked || patch
          ? '' : heat.ink[next[i]] || (next[i] > 0 && span.classList.contains('chip-token') ? 'var(--ink)' : '');
        if (masked !== (levels[i] === MASKED)) span.classList.toggle('masked', masked);
      }
      levels = next;
    },
    /** @param {number | null} token @param {boolean} pinned */
    mark(token, pinned) {
      active?.classList.remove('active', 'pinned');
      active?.setAttribute('tabindex', '-1');
      active?.removeAttribute('aria-pressed');
      active = token === null ? undefined : spans[token];
      active?.classList.add('active');
      active?.classList.toggle('pinned', pinned);
      active?.setAttribute('tabindex', '0');
      active?.setAttribute('aria-pressed', String(pinned));
      if (!active) spans[0]?.setAttribute('tabindex', '0');
    },
    /** @param {number} token */
    focus(token) {
      spans[token]?.focus({ preventScroll: true });
      spans[token]?.scrollIntoView({ block: 'nearest' });
    },
    /** Scrolls as little as it takes to see a token. @param {number} token */
    reveal: (token) => spans[token]?.scrollIntoView({ block: 'nearest' }),
    /** The token an event is about, or undefined. @param {EventTarget | null} target */
    tokenAt(target) {
      const span = target instanceof Element ? target.closest('[data-token]') : null;
      return span instanceof HTMLElement && element.contains(span) ? Number(span.dataset.token) : undefined;
    },
    /** @param {number} token */
    box: (token) => spans[token]?.getBoundingClientRect(),
    /** The token above or below, by what the eye sees. @param {number} token @param {1 | -1} down */
    vertical: (token, down) => nextLine(spans, token, down),
  };
}

/**
 * All patches lie on one image, also where special tokens stand between them.
 * @param {Piece[]} pieces
 * @param {(piece: Piece) => Node | string} make
 * @param {(patches: number[]) => Node} makeGrid
 */
function makeImage(pieces, make, makeGrid) {
  const chips = pieces.filter(({ kind }) => kind === 'chip');
  const patches = pieces.filter(({ kind }) => kind === 'patches').flatMap(patchesOf);
  return el('div', { class: 'image-block' }, chips.length > 0 && el('div', { class: 'chips' }, ...chips.map(make)),
    patches.length > 0 && makeGrid(patches));
}

/** @param {Piece} piece */
function patchesOf({ token, until = token }) {
  return Array.from({ length: until - token }, (_, at) => token + at);
}

/** @param {Piece} piece @param {Tokens} tokens @param {HTMLElement[]} spans @param {DocumentImage | undefined} image */
function makePiece(piece, tokens, spans, image) {
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
    class: chip ? `token chip-token${tokens.special[token] ? ' special' : ''}`
      : `token${tokens.segment[token] === 1 ? ' second' : ''}`, role: 'button', tabIndex: -1, 'data-token': token,
    // Names of pieces do not decide which way the text runs.
    dir: chip ? 'ltr' : null,
  }, ...(chip ? [clip(text, 24) || '∅'] : tokenParts(text)));
  spans[token] = span;
  return span;
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

/** @param {HTMLElement[]} spans @param {number} token @param {1 | -1} down */
function nextLine(spans, token, down) {
  const from = spans[token].getBoundingClientRect();
  const middle = from.left + from.width / 2;
  let best = token;
  let least = Infinity;
  let line = NaN;
  for (let i = token + down; i >= 0 && i < spans.length; i += down) {
    const box = spans[i].getBoundingClientRect();
    if (Math.abs(box.top - from.top) < from.height / 2 || box.width === 0) continue;
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
