/** The token that a link pins, or that is looked through where it pins none: chosen, and brought into sight. */
import { shownIndex, tokenCount, tokensOf } from '../../parts/document-texts.js';
import { firstToken, shownToken } from './tokens.js';

/** @import { Attention } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Active } from '../../parts/token-shares.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { Matrix } from './matrix.js' */
/** @import { Panel, PanelName } from './panels.js' */
/** @import { Reading } from './reading.js' */

export class LinkedToken {
  #context;
  #parts;
  /** The pinned token that has been brought into sight: readers may scroll away from it. */
  #revealed = '';

  /**
   * @param {Context} context
   * @param {{panels: Record<PanelName, Panel>, matrix: Matrix, reading: Reading}} parts
   */
  constructor(context, parts) {
    this.#context = context;
    this.#parts = parts;
  }

  /**
   * Shades by the pinned token, or by the one that is looked through.
   * @param {Selection} selection
   * @param {Texts} texts
   * @param {Attention} attention
   * @param {string} textKey which text it is, and what counts as a token
   */
  show({ token, side, hide }, texts, attention, textKey) {
    const { panels, matrix, reading } = this.#parts;
    if (!this.#exists(token, tokenCount(texts, side))) return;
    /** @type {Active} */
    const usual = reading.active ?? { side: 'query', token: firstToken(texts.queries) };
    const next = token === null ? usual : { side, token: shownIndex(texts, side, token) };
    const tokens = tokensOf(texts, next.side);
    const visible = shownToken(tokens, next.token, 1, hide) ?? shownToken(tokens, next.token, -1, hide);
    reading.choose({ side: next.side, token: visible ?? next.token });
    matrix.show(reading.shares?.rows(hide) ?? attention);
    reading.shadeAll(false);

    // Only a token that was not pinned before is brought into sight.
    const pinned = `${textKey} ${side} ${token}`;
    const panel = panels[texts.same || side === 'key' ? 'row' : 'column'];
    if (token !== null && pinned !== this.#revealed) panel.text.reveal(next.token);
    this.#revealed = pinned;
  }

  /**
   * Whether the text has the link's token; says so, and pins none, where it has not.
   * @param {number | null} token
   * @param {number} count of tokens
   */
  #exists(token, count) {
    if (token === null || token < count) return true;
    const { notify, state } = this.#context;
    notify(`The link asks for token “${token}”, but this document has ${count}; none is pinned.`);
    state.set({ token: null }, { push: false });
    return false;
  }
}
