/** Arrow keys, Home and End among the tokens of a document. */
import { shownToken } from './tokens.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Panel } from './panels.js' */

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
  // Frames stand side by side on a strip, whatever sheet they are stored on.
  const places = panel.text.strip?.frames ?? tokens;
  /** @param {1 | -1} down */
  const line = (down) => (panel.text.strip && places.row[from] >= 0 ? from : panel.text.vertical(from, down));
  /**
   * @type {Record<string, {to: () => number, step: number} | undefined>} target, and where to go on from a hidden token
   */
  const moves = {
    ArrowLeft: { to: () => beside(places, from, -1), step: -1 },
    ArrowRight: { to: () => beside(places, from, 1), step: 1 },
    ArrowUp: { to: () => patchAt(places, from, -1, 0) ?? line(-1), step: -1 },
    ArrowDown: { to: () => patchAt(places, from, 1, 0) ?? line(1), step: 1 },
    Home: { to: () => 0, step: 1 },
    End: { to: () => last, step: -1 },
  };
  const move = moves[key];
  if (!move || last < 0) return undefined;
  return shownToken(tokens, move.to(), move.step, hide) ?? from;
}

/**
 * The next token; in an image the next patch of the row, then the row's neighbour or what is beside the image.
 * @param {Pick<Tokens, 'row' | 'column'>} places
 * @param {number} from
 * @param {1 | -1} step
 */
function beside(places, from, step) {
  const { row } = places;
  const next = from + step;
  if (row[from] < 0) return next;
  return patchAt(places, from, 0, step) ?? (row[next] === row[from] + step || row[next] < 0 ? next : from);
}

/**
 * The patch so far from another, if there is one: windows put patches in an order of their own.
 * @param {Pick<Tokens, 'row' | 'column'>} places
 * @param {number} from
 * @param {number} down
 * @param {number} across
 */
function patchAt({ row, column }, from, down, across) {
  if (row[from] < 0) return undefined;
  const index =
    row.findIndex((at, token) => at === row[from] + down && at >= 0 && column[token] === column[from] + across);
  return index < 0 ? undefined : index;
}
