/** Arrow keys, Home and End among the tokens of a document. */
import { shownToken } from './document-data.js';

/** @import { Tokens } from '../data/types.js' */
/** @import { Panel } from './document-panels.js' */

/**
 * The token that a key leads to: undefined if the key is no way to move, the same token at the end.
 * @param {string} key
 * @param {number} from
 * @param {Tokens} tokens
 * @param {Panel} panel
 * @param {boolean} hide whether special tokens are hidden
 */
export function keyTarget(key, from, tokens, panel, hide) {
  const last = tokens.texts.length - 1;
  /** @type {Record<string, {to: () => number, step: number} | undefined>} target, and where to go on from a hidden token */
  const moves = {
    ArrowLeft: { to: () => from - 1, step: -1 },
    ArrowRight: { to: () => from + 1, step: 1 },
    ArrowUp: { to: () => panel.text.vertical(from, -1), step: -1 },
    ArrowDown: { to: () => panel.text.vertical(from, 1), step: 1 },
    Home: { to: () => 0, step: 1 },
    End: { to: () => last, step: -1 },
  };
  const move = moves[key];
  if (!move || last < 0) return undefined;
  return shownToken(tokens, move.to(), move.step, hide) ?? from;
}
