/** Reading a document: which token is looked through, the shading that follows, and what is said about it. */
import { bothWays } from '../../parts/token-shares.js';
import { tokensOf } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { capital, nameToken, percent } from '../../parts/numbers.js';
import { pieceOf } from '../../parts/stacks.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Side } from '../../state/types.js' */
/** @import { Active, Shade, makeShares } from '../../parts/token-shares.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Panel, PanelName } from './panels.js' */
/** @import { createMatrix } from './matrix.js' */
/** @import { Context } from '../../parts/types.js' */

/** @typedef {ReturnType<typeof makeShares>} Shares */
/**
 * @typedef {object} Parts
 * @property {Record<PanelName, Panel>} panels
 * @property {ReturnType<typeof createMatrix>} matrix
 * @property {HTMLElement} lede
 * @property {HTMLElement} note
 */

/** Below this share, what is left after hiding is too little to divide by. */
const LITTLE = 0.01;

/** @param {Context} context @param {Parts} parts */
export function createReading({ state, theme, tooltip }, { panels, matrix, lede, note }) {
  /** @type {Texts | undefined} */
  let texts;
  /** @type {Shares | undefined} */
  let shares;
  /** @type {Active | undefined} */
  let active;
  /** @type {{row?: Shade, column?: Shade}} */
  let shades = {};

  const pinned = () => state.get().token !== null;
  /** @returns {Tokens | undefined} */
  const activeTokens = () => texts && active && tokensOf(texts, active.side);

  /** @param {boolean} repaint whether the colours themselves have changed */
  function shadeAll(repaint) {
    if (!texts) return;
    const { query, key } = bothWays(active, texts.same);
    const { hide } = state.get();
    const { heat } = theme.colors();
    shades = {
      row: shares && query !== null ? shares.row(query, hide) : undefined,
      column: shares && key !== null ? shares.column(key, hide) : undefined,
    };
    for (const [name, tokens] of /** @type {const} */ ([['row', texts.keys], ['column', texts.queries]])) {
      const shade = shades[name];
      const { text, legend, partners } = panels[name];
      text.shade(shade?.levels ?? new Uint8Array(tokens.texts.length), heat, repaint);
      legend.show(shade?.top, heat);
      text.mark(name === 'row' ? key : query, pinned());
      partners.element.hidden = !shade;
      if (shade) partners.show(shade.values, tokens, texts.picture);
    }
    matrix.mark(query, key);
    describe(query);
  }

  /** @param {number | null} query */
  function describe(query) {
    const tokens = activeTokens();
    if (!active || !tokens || !texts) return fill(lede);
    const name = el('b', { class: texts.same ? null : active.side }, el('bdi', {}, nameToken(tokens, active.token)));
    fill(lede, unitName(texts, tokens, active), name,
      pinned() ? ', pinned: point at others for their shares; click it again to let go.'
      : whatIsShown(texts, active.side));
    const hidden = state.get().hide && texts.keys.special.some(Boolean);
    note.hidden = !hidden;
    if (!hidden) return;
    const held = shares && query !== null ? shares.hiddenShare(query) : NaN;
    fill(note, 'Special tokens are hidden and each query’s other shares re-normalised to 100 %.',
      Number.isNaN(held) ? '' : ` They hold ${percent(held)} of this query’s attention.`,
      1 - held < LITTLE ? ' What is left is too little to be told exactly.' : '');
  }

  return {
    texts: () => texts,
    active: () => active,
    pinned,
    /** The side that a panel's tokens play when they are looked through. @param {PanelName} name @returns {Side} */
    sideOf: (name) => (texts?.same === (name === 'row') ? 'query' : 'key'),
    /** @param {Texts} next */
    setTexts(next) {
      texts = next;
      shares = undefined;
      active = undefined;
      panels.row.setTexts(next);
      panels.column.setTexts(next);
    },
    /** @param {Shares | undefined} next */
    setShares(next) {
      shares = next;
    },
    shares: () => shares,
    /** Chooses the token without shading yet. @param {Active} next */
    choose(next) {
      active = next;
    },
    /** @param {Active} next */
    look(next) {
      if (active && active.token === next.token && (texts?.same || active.side === next.side)) return;
      active = next;
      shadeAll(false);
    },
    shadeAll,
    /** The exact share of a token while another is pinned. @param {PanelName} name @param {number} token */
    tell(name, token) {
      const box = panels[name].text.box(token);
      const shade = shades[name];
      const own = activeTokens();
      if (!shade || !box || !texts || !active || !own) return;
      const other = name === 'row' ? texts.keys : texts.queries;
      const mine = nameToken(own, active.token);
      const its = nameToken(other, token);
      const [from, to] = name === 'row' ? [mine, its] : [its, mine];
      tooltip.show({ x: box.left, y: box.bottom + 2, width: 1 }, pairLine(from, to, shade.values[token]));
    },
    /**
     * The exact weight of a cell of the matrix.
     * @param {number} query
     * @param {number} key
     * @param {{x: number, y: number}} at
     */
    tellCell(query, key, at) {
      if (!texts || !shares) return;
      const { queries, keys } = texts;
      tooltip.show(at, pairLine(nameToken(queries, query),
        nameToken(keys, key), shares.attention.row(query)[key]));
    },
  };
}

/** "Source word ", "Patch ", "Token ". @param {Texts} texts @param {Tokens} tokens @param {Active} active */
function unitName(texts, tokens, { side, token }) {
  const unit = tokens.row[token] >= 0 ? pieceOf(tokens.kind) : texts.joined ? 'word' : 'token';
  return capital(texts.same ? `${unit} ` : `${texts.axes[side]} ${unit} `);
}

/** @param {Texts} texts @param {Side} side */
function whatIsShown({ same, axes }, side) {
  if (same) return ', in both directions. Point at another; click pins it.';
  return side === 'query'
    ? `: where its query looks in the ${axes.key}. Point at the ${axes.key} for who looks there; click pins.`
    : `: who looks at its key in the ${axes.query}. Point at the ${axes.query} for where it looks; click pins.`;
}

/** @param {string} from @param {string} to @param {number} share */
function pairLine(from, to, share) {
  return el('span', { class: 'pair' }, el('bdi', { class: 'query' }, from), ' → ', el('bdi', { class: 'key' }, to),
    el('b', {}, Number.isNaN(share) ? ' none' : ` ${percent(share)}`));
}
