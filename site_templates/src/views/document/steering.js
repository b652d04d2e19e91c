/** How hands go through a document: a click or Enter pins a token, keys move from token to token. */
import { linkedToken, shownIndex } from '../../parts/document-texts.js';
import { MOST_SUMMED } from '../../state/link-keys.js';
import { keyTarget } from './keys.js';

/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { Panel, PanelName } from './panels.js' */
/** @import { Reading } from './reading.js' */

/** @typedef {ReturnType<typeof createSteering>} Steering */

/** @type {readonly PanelName[]} */
const PANEL_NAMES = ['row', 'column'];

/** @param {Context} context @param {Record<PanelName, Panel>} panels @param {Reading} reading */
export function createSteering({ state }, panels, reading) {
  /** What was pinned before the last click: the first half of a double-click pins nothing. */
  let before = pinnedOf(state.get());

  /** Pins a token; the pinned one is let go of. @param {Side} side @param {number} token */
  function pin(side, token) {
    const { side: pinnedSide, token: pinnedToken } = state.get();
    const { texts } = reading;
    if (!texts) return;
    const again = pinnedToken !== null && shownIndex(texts, pinnedSide, pinnedToken) === token
      && (texts.same || pinnedSide === side);
    state.set({ doc: texts.document, token: again ? null : linkedToken(texts, side, token), side });
  }

  /**
   * Pins a token, alone or with those that are pinned already.
   * @param {Side} side @param {number} token
   * @param {'alone' | 'add' | 'range'} how 'range': all from the pinned one to this one
   */
  function choose(side, token, how) {
    const { texts } = reading;
    const selection = state.get();
    before = pinnedOf(selection);
    const { token: first, side: pinnedSide } = selection;
    if (!texts || how === 'alone' || first === null || (!texts.same && side !== pinnedSide)) return pin(side, token);
    const next = how === 'add'
      ? toggled([first, ...indicesOf(selection.tokens)], linkedToken(texts, pinnedSide, token))
      : range(shownIndex(texts, pinnedSide, first), token).map((each) => linkedToken(texts, pinnedSide, each));
    const head = next.includes(first) ? first : next[0];
    const further = next.filter((each) => each !== head).slice(0, MOST_SUMMED);
    state.set({ token: head ?? null, side: pinnedSide, tokens: further.join(',') });
  }

  /**
   * Freezes a direction on a token, or lets it go.
   * @param {PanelName} name @param {number} [token] without it, the one that is looked through
   */
  function freeze(name, token) {
    const { texts, active } = reading;
    if (!texts || reading.instead) return;
    const frozen = reading.frozen[name];
    const side = name === 'row' ? 'query' : 'key';
    const usual = active && (texts.same || active.side === side) ? active.token : undefined;
    // By its button a frozen direction is let go; by a double-click, on the token it is frozen on.
    const next = token ?? (frozen === null ? usual : frozen);
    if (next === undefined) return;
    const linked = next === frozen ? null : linkedToken(texts, side, next);
    const pinned = token === undefined ? {} : before;
    state.set({ doc: texts.document, ...pinned, [name]: linked }, { push: token === undefined });
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const { texts, active } = reading;
    if (!texts || !active) return false;
    const name = focusedPanel(panels, reading);
    const panel = panels[name];
    const side = reading.sideOf(name);
    const tokens = name === 'row' ? texts.keys : texts.queries;
    const focused = panel.text.tokenAt(document.activeElement);
    // Where the token that is looked through stays, keys go on from the one that has the focus.
    const here = reading.fixed && !reading.pinned ? focused ?? active.token
      : texts.same || active.side === side ? active.token : focused ?? 0;
    const token = keyTarget(event.key, Math.min(here, tokens.texts.length - 1), tokens, panel, state.get().hide);
    if (token === undefined) return false;
    if (reading.pinned) state.set({ token: linkedToken(texts, side, token), side }, { push: false });
    else if (!reading.fixed) reading.look({ side, token });
    panel.text.focus(token);
    return true;
  }

  /** Lets go of what is pinned, then of what is frozen; true if there was any. */
  function release() {
    if (reading.pinned) state.set({ token: null });
    else if (reading.isFixed('row') || reading.isFixed('column')) state.set({ row: null, column: null });
    else return false;
    return true;
  }

  /** Keys that no control took; true if used. @param {KeyboardEvent} event */
  function key(event) {
    const { active } = reading;
    const focused = document.activeElement;
    const onToken = focused?.matches('.token') ?? false;
    if (event.key === 'Escape') return release();
    if (event.key === 'f' || event.key === 'F') freeze(event.key === 'f' ? 'row' : 'column');
    else if ((event.key === 'Enter' || event.key === ' ') && active && onToken) {
      const name = focusedPanel(panels, reading);
      const token = reading.fixed ? panels[name].text.tokenAt(focused) ?? active.token : active.token;
      pin(reading.sideOf(name), token);
    } else return move(event);
    return true;
  }

  return { pin, choose, freeze, key };
}

/**
 * The panel that has the focus, else the one of the token that is looked through.
 * @param {Record<PanelName, Panel>} panels @param {Reading} reading
 */
function focusedPanel(panels, { texts, active }) {
  const focused = PANEL_NAMES.find((name) => panels[name].text.element.contains(document.activeElement));
  return focused ?? (!texts?.same && active?.side === 'query' ? 'column' : 'row');
}

/** @param {readonly number[]} tokens @param {number} token put among them, or taken out */
function toggled(tokens, token) {
  return tokens.includes(token) ? tokens.filter((each) => each !== token) : [...tokens, token];
}

/** All from one to the other. @param {number} from @param {number} to */
function range(from, to) {
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => Math.min(from, to) + i);
}

/** @param {Selection} selection */
function pinnedOf({ token, side, tokens }) {
  return { token, side, tokens };
}

/** @param {string} list with commas between */
export function indicesOf(list) {
  return list === '' ? [] : list.split(',').map(Number);
}
