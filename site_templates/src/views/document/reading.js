/** Reading a document: which token is looked through, the shading that follows, and what is said about it. */
import { bothWays } from '../../parts/token-shares.js';
import { tokensOf } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { canLeaveOut, whatIsLeftOut } from '../../parts/left-out.js';
import { capital, nameToken } from '../../parts/names.js';
import { percent } from '../../parts/numbers.js';
import { pieceOf } from '../../parts/stacks.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Side } from '../../state/types.js' */
/** @import { Active, Shade, makeShares } from '../../parts/token-shares.js' */
/** @import { createHideSwitch, LeftOutKeys } from '../../parts/left-out.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Panel, PanelName } from './panels.js' */
/** @import { Matrix } from './matrix.js' */
/** @import { Context } from '../../parts/types.js' */

/** @typedef {ReturnType<typeof makeShares>} Shares */
/**
 * @typedef {object} Parts
 * @property {Record<PanelName, Panel>} panels
 * @property {Matrix} matrix
 * @property {HTMLElement} lede
 * @property {HTMLElement} note
 * @property {ReturnType<typeof createHideSwitch>} hideSwitch
 */

/** Below this share, what is left is too little to be exact. */
const LITTLE = 0.01;

/** Which token is looked through, and all that is shown because of it. */
export class Reading {
  #context;
  #parts;
  /** @type {Texts | undefined} */
  texts;
  /** @type {Shares | undefined} */
  shares;
  /** @type {LeftOutKeys | undefined} */
  leftOut;
  /** The token that is looked through. @type {Active | undefined} */
  active;
  /** @type {{row?: Shade, column?: Shade}} */
  #shades = {};

  /** @param {Context} context @param {Parts} parts */
  constructor(context, parts) {
    this.#context = context;
    this.#parts = parts;
  }

  get pinned() {
    return this.#context.state.get().token !== null;
  }

  /** @returns {Tokens | undefined} */
  get #activeTokens() {
    return this.texts && this.active && tokensOf(this.texts, this.active.side);
  }

  /** The side that a panel's tokens play when they are looked through. @param {PanelName} name @returns {Side} */
  sideOf(name) {
    return this.texts?.same === (name === 'row') ? 'query' : 'key';
  }

  /** @param {Texts} texts */
  setTexts(texts) {
    this.texts = texts;
    this.shares = undefined;
    this.active = undefined;
    this.#parts.panels.row.setTexts(texts);
    this.#parts.panels.column.setTexts(texts);
  }

  /** Chooses the token without shading yet. @param {Active} active */
  choose(active) {
    this.active = active;
  }

  /** Looks through another token. @param {Active} next */
  look(next) {
    const { active, texts } = this;
    if (active && active.token === next.token && (texts?.same || active.side === next.side)) return;
    this.active = next;
    this.shadeAll(false);
  }

  /** @param {boolean} repaint whether the colours themselves have changed */
  shadeAll(repaint) {
    const { texts, shares } = this;
    if (!texts) return;
    const { query, key } = bothWays(this.active, texts.same);
    const { hide } = this.#context.state.get();
    this.#shades = {
      row: shares && query !== null ? shares.row(query, hide) : undefined,
      column: shares && key !== null ? shares.column(key, hide) : undefined,
    };
    // The row panel shows keys, and marks in them the token as a key; the column panel queries, and the query.
    this.#shadePanel('row', texts.keys, key, repaint);
    this.#shadePanel('column', texts.queries, query, repaint);
    this.#parts.matrix.mark(query, key);
    this.#describe(query);
    this.#sayLeftOut(query);
  }

  /** @param {PanelName} name @param {Tokens} tokens @param {number | null} active @param {boolean} repaint */
  #shadePanel(name, tokens, active, repaint) {
    const shade = this.#shades[name];
    const { heat } = this.#context.theme.colors();
    const { text, legend, partners } = this.#parts.panels[name];
    text.shade(shade?.levels ?? new Uint8Array(tokens.texts.length), heat, repaint);
    legend.show(shade?.top, heat);
    text.mark(active, this.pinned);
    partners.element.hidden = !shade;
    const { model, head, hide } = this.#context.state.get();
    const sink = this.#context.report.head(model, head)?.sink ?? null;
    if (shade) partners.show(shade.values, tokens, this.texts?.image, sink !== null && !hide);
  }

  /** Says which token is looked through. @param {number | null} query */
  #describe(query) {
    const { texts, active } = this;
    const { lede, note } = this.#parts;
    const tokens = this.#activeTokens;
    if (!active || !tokens || !texts) return fill(lede);
    const name = el('b', { class: texts.same ? null : active.side }, el('bdi', {}, nameToken(tokens, active.token)));
    fill(lede, unitName(texts, tokens, active), name, this.pinned
      ? ', pinned: point at others for their shares; click it again to let go.' : whatIsShown(texts, active.side));
    const hides = this.#context.state.get().hide && this.leftOut && canLeaveOut(this.leftOut, texts);
    note.hidden = !hides;
    const share = query === null ? NaN : this.shares?.leftOutShare(query) ?? NaN;
    if (hides && this.leftOut) fill(note, ...leftOutNote(whatIsLeftOut(this.leftOut), share));
  }

  /** Beside the switch: of the row, and of the head or heads. @param {number | null} query */
  #sayLeftOut(query) {
    const { shares } = this;
    const { hide, head, aggregate } = this.#context.state.get();
    if (!hide || !shares) return;
    this.#parts.hideSwitch.say(query === null ? undefined : shares.leftOutShare(query),
      [{ id: aggregate === 'head' ? head : 'these heads', share: shares.meanLeftOut() }]);
  }

  /** The exact share of a token while another is pinned. @param {PanelName} name @param {number} token */
  tell(name, token) {
    const { texts, active } = this;
    const box = this.#parts.panels[name].text.box(token);
    const shade = this.#shades[name];
    const activeTokens = this.#activeTokens;
    if (!shade || !box || !texts || !active || !activeTokens) return;
    const activeName = nameToken(activeTokens, active.token);
    const otherName = nameToken(name === 'row' ? texts.keys : texts.queries, token);
    const [from, to] = name === 'row' ? [activeName, otherName] : [otherName, activeName];
    const place = { x: box.left, y: box.bottom + 2, width: 1 };
    this.#context.tooltip.show(place, pairLine(from, to, shade.values[token]));
  }

  /**
   * The exact weight of a cell of the matrix.
   * @param {number} query
   * @param {number} key
   * @param {{x: number, y: number}} at
   */
  tellCell(query, key, at) {
    const { texts, shares } = this;
    if (!texts || !shares) return;
    const weight = shares.row(query, this.#context.state.get().hide).values[key];
    this.#context.tooltip.show(at, pairLine(nameToken(texts.queries, query), nameToken(texts.keys, key), weight));
  }
}

/** @param {string} what is left out @param {number} share of the query's attention; NaN where it is not known */
function leftOutNote(what, share) {
  return [
    `${capital(what)} are left out and each query’s other shares re-normalised to 100 %.`,
    Number.isNaN(share) ? '' : ` They hold ${percent(share)} of this query’s attention.`,
    1 - share < LITTLE ? ' What is left is too little to be told exactly.' : '',
  ];
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
