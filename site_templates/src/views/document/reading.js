/** Reading a document: which token is looked through, the shading that follows, and what is said about it. */
import { restOf } from '../../state/sinks.js';
import { bothWays } from '../../parts/token-shares.js';
import { shownIndex, tokensOf } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { canLeaveOut, whatIsLeftOut } from '../../parts/left-out.js';
import { capital, nameToken } from '../../parts/names.js';
import { percent } from '../../parts/numbers.js';
import { MASKED } from '../../parts/shading.js';
import { pieceOf } from '../../parts/stacks.js';
import { strongest } from '../../parts/strongest.js';
import { huesOf } from './hues.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Side } from '../../state/types.js' */
/** @import { Shade } from '../../parts/shading.js' */
/** @import { Active, makeShares } from '../../parts/token-shares.js' */
/** @import { createHideSwitch, LeftOutKeys } from '../../parts/left-out.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Panel, PanelName } from './panels.js' */
/** @import { createArrows, Direction } from './arrows.js' */
/** @import { WordPictures } from './word-pictures.js' */
/** @import { Player } from './player.js' */
/** @import { Matrix } from './matrix.js' */
/** @import { Child } from '../../parts/element.js' */
/** @import { Layer } from './token-text.js' */
/** @import { Colors, Context } from '../../parts/types.js' */

/** @typedef {ReturnType<typeof makeShares>} Shares */
/**
 * What shades a text in place of attention.
 * @typedef {object} Instead
 * @property {(theme: Colors) => Child[]} heading
 * @property {(theme: Colors, about: readonly number[]) => Layer & {under?: Layer}} shades
 * @property {(tokens: Tokens, about: readonly number[], pinned: boolean) => Child[]} describe
 * @property {(tokens: Tokens, token: number, about: readonly number[]) => Node} line
 */
/**
 * @typedef {object} Parts
 * @property {Record<PanelName, Panel>} panels
 * @property {Matrix} matrix
 * @property {HTMLElement} lede
 * @property {HTMLElement} note
 * @property {ReturnType<typeof createArrows>} arrows
 * @property {Player} player
 * @property {WordPictures} wordPictures
 * @property {ReturnType<typeof createHideSwitch>} hideSwitch
 */

/** Below this share, what is left is too little to be exact. */
const LITTLE = 0.01;

/** So many of several tokens are named. */
const MOST_NAMES = 4;

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
  /** Tokens that are added to it. @type {readonly number[]} */
  also = [];
  /** What shades it in place of attention. @type {Instead | undefined} */
  instead;
  /** Whether both directions stand in one text. */
  one = false;
  /** @type {Partial<Record<PanelName, Shade>>} */
  #shades = {};
  /** The tokens that each direction is of. @type {Record<PanelName, readonly number[]>} */
  #about = { row: [], column: [] };

  /** @param {Context} context @param {Parts} parts */
  constructor(context, parts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** The shares that are shown. */
  get shades() {
    return this.#shades;
  }

  get pinned() {
    return this.#context.state.get().token !== null;
  }

  /** The token that each direction is frozen on. @returns {Record<PanelName, number | null>} */
  get frozen() {
    const { row, column } = this.#context.state.get();
    const { texts } = this;
    return {
      row: row === null || !texts ? null : shownIndex(texts, 'query', row) ?? null,
      column: column === null || !texts ? null : shownIndex(texts, 'key', column) ?? null,
    };
  }

  /** Whether no other token can be looked through. */
  get fixed() {
    const { row, column } = this.frozen;
    return this.pinned || (!this.instead && row !== null && column !== null);
  }

  /** Whether a direction stays as it is: pointing there tells shares. @param {PanelName} name */
  isFixed(name) {
    const { row, column } = this.frozen;
    return this.pinned || (!this.instead && this.one ? row !== null || column !== null : this.frozen[name] !== null);
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
    this.also = [];
    this.#parts.panels.row.setTexts(texts);
    this.#parts.panels.column.setTexts(texts);
  }

  /** Chooses tokens without shading yet. @param {Active} active @param {readonly number[]} [also] */
  choose(active, also = []) {
    this.active = active;
    this.also = also;
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
    if (this.instead) return this.#shadeInstead(texts, this.instead, repaint);
    const { query, key } = bothWays(this.active, texts.same);
    const { row, column } = this.frozen;
    const selection = this.#context.state.get();
    const { hide } = selection;
    /** @param {number | null} frozen @param {number | null} active @returns {readonly number[]} */
    const about = (frozen, active) => (frozen !== null ? [frozen] : active === null ? [] : [active, ...this.also]);
    const of = { row: about(row, query), column: about(column, key) };
    this.#about = of;
    this.#shades = {
      row: shares && of.row.length > 0 ? shares.row(of.row, hide, selection) : undefined,
      column: shares && of.column.length > 0 ? shares.column(of.column, hide, selection) : undefined,
    };
    // The row panel shows keys, the column panel queries: of two axes, each marks what the other direction is of.
    const [first, second] = texts.same ? [of.row, of.column] : [of.column, of.row];
    this.#shadePanel('row', texts.keys, this.one ? [...new Set([...first, ...second])] : first, repaint);
    this.#shadePanel('column', texts.queries, second, repaint);
    this.#parts.matrix.mark(of.row[0] ?? null, of.column[0] ?? null);
    this.#showWordPictures();
    this.drawArrows();
    this.#parts.player.aim(this.#attendedFrame());
    this.#describe();
    this.#sayLeftOut(of.row.length === 1 ? of.row[0] : null);
  }

  /** @param {Texts} texts @param {Instead} instead @param {boolean} repaint */
  #shadeInstead(texts, instead, repaint) {
    const { panels: { row }, lede, note } = this.#parts;
    const about = this.active ? [this.active.token, ...this.also] : [];
    const { levels, heat, under } = instead.shades(this.#context.theme.colors(), about);
    this.#shades = {};
    this.#about = { row: [], column: [] };
    row.text.shade(levels, heat, repaint, under);
    row.text.mark(about, this.pinned);
    this.drawArrows();
    fill(lede, ...instead.describe(texts.queries, about.slice(0, MOST_NAMES), this.pinned));
    note.hidden = true;
  }

  /** @param {PanelName} name @param {Tokens} tokens @param {readonly number[]} marked @param {boolean} repaint */
  #shadePanel(name, tokens, marked, repaint) {
    const shade = this.#shades[name];
    const hues = huesOf(this.#context.theme.colors());
    const { text, legend, partners, freeze } = this.#parts.panels[name];
    const levels = shade?.levels ?? new Uint8Array(tokens.texts.length);
    const below = this.one ? this.#shades.column : undefined;
    if (!this.one) text.shade(levels, hues[name], repaint);
    else if (name === 'row') {
      const layer = below && { levels: below.levels, heat: hues.column };
      text.shade(below ? maskedByBoth(levels, below.levels) : levels, hues.row, repaint, layer);
    }
    text.strip?.show(name, shade?.values);
    text.strip?.show(name === 'row' ? 'column' : 'row', name === 'row' ? below?.values : undefined);
    const selection = this.#context.state.get();
    legend.show(shade?.top, hues[name], selection);
    const frozen = this.frozen[name];
    text.mark(marked, this.pinned || frozen !== null);
    freeze(frozen === null ? '' : this.#nameOf(name, frozen));
    partners.element.hidden = !shade;
    const { report } = this.#context;
    const rest = selection.hide ? ''
      : restOf(report.model(selection.model), report.head(selection.model, selection.head));
    if (shade) partners.show(shade.values, tokens, this.texts?.image, rest);
  }

  /** Where words look at a picture, all of them at once. */
  #showWordPictures() {
    const { texts, shares } = this;
    const { theme, state } = this.#context;
    const selection = state.get();
    const { wordPictures } = this.#parts;
    if (!texts) return;
    wordPictures.show(texts, shares, { hide: selection.hide, scale: selection, heat: huesOf(theme.colors()).row });
    wordPictures.mark(this.#about.row);
  }

  /** The frame of a recording that is looked through, else the one that gets most attention, or gives it; -1: none. */
  #attendedFrame() {
    const { active, texts } = this;
    if (!active || !texts) return -1;
    if (this.#activeTokens?.kind === 'audio') return active.token;
    const values = this.#shades[texts.keys.kind === 'audio' ? 'row' : 'column']?.values;
    return values ? strongest(values, 0, 1)[0]?.index ?? -1 : -1;
  }

  /** Over a picture, both directions' strongest. */
  drawArrows() {
    const { texts } = this;
    const { panels, arrows } = this.#parts;
    /** The panel that has the token at an arrow's end. @param {PanelName} name @param {'from' | 'to'} end */
    const panelOf = (name, end) => panels[this.one ? 'row' : texts?.same ? name : end === 'from' ? 'column' : 'row'];
    /** @type {Direction[]} */
    const directions = (texts?.hasPatches ? /** @type {const} */ (['row', 'column']) : []).flatMap((name) => {
      const shade = this.#shades[name];
      const [token] = this.#about[name];
      if (!shade || token === undefined) return [];
      /** @type {Direction['end']} */
      const endOf = (end, index) => {
        const box = panelOf(name, end).text.box(index);
        const tokens = end === 'from' ? texts?.queries : texts?.keys;
        return box && tokens && { box, patch: tokens.row[index] >= 0 };
      };
      return [{ name, shade, token, end: endOf }];
    });
    arrows.show(directions, this.#context.state.get().arrows);
  }

  /** A token that a direction is of. @param {PanelName} name @param {number} token */
  #nameOf(name, token) {
    return this.texts ? nameToken(name === 'row' ? this.texts.queries : this.texts.keys, token) : '';
  }

  /** Says which tokens are looked through. */
  #describe() {
    const { texts, active } = this;
    const { lede, note } = this.#parts;
    const tokens = this.#activeTokens;
    if (!active || !tokens || !texts) return fill(lede);
    const count = 1 + this.also.length;
    const names = [active.token, ...this.also].slice(0, MOST_NAMES).map((token) => nameToken(tokens, token));
    if (count > MOST_NAMES) names.push('…');
    const name = el('b', { class: texts.same ? null : active.side }, el('bdi', {}, names.join(' + ')));
    fill(lede, count > 1 ? '' : unitName(texts, tokens, active), name, count > 1 ? sumInWords(count)
      : this.pinned ? ', pinned: point at others for their shares; click it again to let go.'
        : whatIsShown(texts, active.side));
    const hides = this.#context.state.get().hide && this.leftOut && canLeaveOut(this.leftOut, texts);
    note.hidden = !hides;
    const [query, ...others] = this.#about.row;
    const share = query === undefined || others.length > 0 ? NaN : this.shares?.leftOutShare(query) ?? NaN;
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
    const { texts } = this;
    const box = this.#parts.panels[name].text.box(token);
    if (!box || !texts) return;
    if (this.instead) {
      this.#context.tooltip.show({ x: box.left, y: box.bottom + 2, width: 1 },
        this.instead.line(texts.queries, token, this.active ? [this.active.token] : []));
      return;
    }
    /** @type {PanelName[]} */
    const directions = this.one ? ['row', 'column'] : [name];
    const lines = directions.map((direction) => {
      const shade = this.#shades[direction];
      const [first, ...others] = this.#about[direction];
      if (!shade) return null;
      const about = this.#nameOf(direction, first) + (others.length > 0 ? ` + ${others.length} more` : '');
      const other = nameToken(direction === 'row' ? texts.keys : texts.queries, token);
      const [from, to] = direction === 'row' ? [about, other] : [other, about];
      return el('div', {}, pairLine(from, to, shade.values[token]));
    });
    this.#context.tooltip.show({ x: box.left, y: box.bottom + 2, width: 1 }, ...lines);
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

/** @param {number} count of tokens that are added */
function sumInWords(count) {
  return `, added: the shares that ${count} queries give, ${count * 100} % in all; and what each query gives to any of `
    + `the ${count} keys.`;
}

/**
 * Levels of one direction where the other stands below: only what no direction allows is masked.
 * @param {Uint8Array} levels @param {Uint8Array} others
 */
function maskedByBoth(levels, others) {
  return levels.map((level, i) => (level === MASKED && others[i] !== MASKED ? 0 : level));
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
