/** The token that a link pins, or that is looked through where it pins none: chosen, and brought into sight. */
import { shownIndex, tokenCount, tokensOf } from '../../parts/document-texts.js';
import { indicesOf } from './steering.js';
import { firstToken, shownToken } from './tokens.js';

/** @import { Attention } from '../../data/types.js' */
/** @import { Patch, Selection } from '../../state/types.js' */
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
   * @param {Attention | undefined} attention undefined where it is shaded by something else
   * @param {string} textKey which text it is, and what counts as a token
   */
  show({ token, side, tokens: further, row, column, hide }, texts, attention, textKey) {
    const { panels, matrix, reading } = this.#parts;
    if (!this.#exist([token, ...indicesOf(further)], tokenCount(texts, side), { token: null })) return;
    if (!this.#exist([row], tokenCount(texts, 'query'), { row: null })) return;
    if (!this.#exist([column], tokenCount(texts, 'key'), { column: null })) return;
    /** @type {Active} */
    const usual = reading.active ?? { side: 'query', token: firstToken(texts.queries) };
    const next = token === null ? usual : { side, token: shownIndex(texts, side, token) };
    const tokens = tokensOf(texts, next.side);
    const visible = shownToken(tokens, next.token, 1, hide) ?? shownToken(tokens, next.token, -1, hide);
    const index = visible ?? next.token;
    const also = new Set(token === null ? [] : indicesOf(further).map((each) => shownIndex(texts, side, each)));
    also.delete(index);
    reading.choose({ side: next.side, token: index }, [...also]);
    matrix.show(attention && (reading.shares?.rows(hide) ?? attention));
    reading.shadeAll(false);

    // Only a token that was not pinned before is brought into sight.
    const pinned = `${textKey} ${side} ${token}`;
    const panel = panels[texts.same || side === 'key' ? 'row' : 'column'];
    if (token !== null && pinned !== this.#revealed) panel.text.reveal(next.token);
    this.#revealed = pinned;
  }

  /**
   * Whether the text has the link's tokens; says so, and takes none, where it has not.
   * @param {readonly (number | null)[]} tokens
   * @param {number} count of tokens
   * @param {Patch} instead
   */
  #exist(tokens, count, instead) {
    const lacking = tokens.find((token) => token !== null && token >= count);
    if (lacking === undefined) return true;
    const { notify, state } = this.#context;
    notify(`The link asks for token “${lacking}”, but this document has ${count}; none is pinned.`);
    state.set(instead, { push: false });
    return false;
  }
}
