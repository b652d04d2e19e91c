/** How hands go through a document: a click or Enter pins a token, keys move from token to token. */
import { linkedToken, shownIndex } from '../../parts/document-texts.js';
import { keyTarget } from './keys.js';

/** @import { Side } from '../../state/types.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { Panel, PanelName } from './panels.js' */
/** @import { Reading } from './reading.js' */

/** @type {readonly PanelName[]} */
const PANEL_NAMES = ['row', 'column'];

/** @param {Context} context @param {Record<PanelName, Panel>} panels @param {Reading} reading */
export function createSteering({ state }, panels, reading) {
  /** Pins a token; the pinned one is let go of. @param {Side} side @param {number} token */
  function pin(side, token) {
    const { side: pinnedSide, token: pinnedToken } = state.get();
    const { texts } = reading;
    if (!texts) return;
    const again = pinnedToken !== null && shownIndex(texts, pinnedSide, pinnedToken) === token
      && (texts.same || pinnedSide === side);
    state.set({ doc: texts.document, token: again ? null : linkedToken(texts, side, token), side });
  }

  /** The panel that has the focus, else the one of the token that is looked through. */
  function focusedPanel() {
    const focused = PANEL_NAMES.find((name) => panels[name].text.element.contains(document.activeElement));
    return focused ?? (!reading.texts?.same && reading.active?.side === 'query' ? 'column' : 'row');
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const { texts, active } = reading;
    if (!texts || !active) return false;
    const name = focusedPanel();
    const panel = panels[name];
    const side = reading.sideOf(name);
    const tokens = name === 'row' ? texts.keys : texts.queries;
    const here = texts.same || active.side === side ? active.token : panel.text.tokenAt(document.activeElement) ?? 0;
    const token = keyTarget(event.key, Math.min(here, tokens.texts.length - 1), tokens, panel, state.get().hide);
    if (token === undefined) return false;
    if (reading.pinned) state.set({ token: linkedToken(texts, side, token), side }, { push: false });
    else reading.look({ side, token });
    panel.text.focus(token);
    return true;
  }

  /** Keys that no control took; true if used. @param {KeyboardEvent} event */
  function key(event) {
    const { active } = reading;
    const onToken = document.activeElement?.matches('.token') ?? false;
    if (event.key === 'Escape' && reading.pinned) state.set({ token: null });
    else if ((event.key === 'Enter' || event.key === ' ') && active && onToken) {
      pin(reading.sideOf(focusedPanel()), active.token);
    } else return move(event);
    return true;
  }

  return { pin, key };
}
