/** The texts of a page as they stand in it, a mark a line. */
import { measure } from './ink.js';

/** @import { Mark } from './types.js' */

/**
 * @param {Text} node
 * @param {{x: number, y: number}} origin in the window
 * @param {CSSStyleDeclaration} style of what it stands in
 * @param {number} opacity
 * @returns {Mark[]}
 */
export function liftText(node, origin, style, opacity) {
  return linesOf(node, style.whiteSpace.startsWith('pre')).map(({ text, box }) => {
    const size = parseFloat(style.fontSize);
    const end = style.textAlign === 'right' || style.textAlign === 'end';
    const middle = style.textAlign === 'center' || style.direction === 'rtl';
    return {
      type: 'text', text: style.textTransform === 'uppercase' ? text.toUpperCase() : text, size,
      x: box.left - origin.x + (middle ? box.width / 2 : end ? box.width : 0),
      y: box.top - origin.y + box.height * ascentOf(style),
      anchor: middle ? 'middle' : end ? 'end' : 'start',
      weight: Number(style.fontWeight), mono: style.fontFamily.includes('mono') ? true : undefined,
      fill: style.color, opacity: opacity === 1 ? undefined : opacity,
    };
  });
}

/** The lines of a text, without the blanks at their ends. @param {Text} node @param {boolean} kept whether blanks count
 * @returns {{text: string, box: DOMRect}[]} */
function linesOf(node, kept) {
  const { data } = node;
  const range = document.createRange();
  /** @param {number} from @param {number} to @returns {{text: string, box: DOMRect}[]} */
  const take = (from, to) => {
    const text = data.slice(from, to);
    const [lead, trail] = [text.length - text.trimStart().length, text.length - text.trimEnd().length];
    if (lead === text.length) return [];
    range.setStart(node, from + lead);
    range.setEnd(node, to - trail);
    const boxes = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
    if (boxes.length === 0) return [];
    if (sameLine(boxes)) {
      const words = text.trim();
      return [{ text: kept ? words : words.replace(/\s+/g, ' '), box: around(boxes) }];
    }
    const cut = breakOf(node, from + lead, to - trail, boxes[0], range);
    return [...take(from, cut), ...take(cut, to)];
  };
  return take(0, data.length);
}

/** Where the first line ends: the first character that is not on it.
 * @param {Text} node @param {number} from @param {number} to @param {DOMRect} first @param {Range} range */
function breakOf(node, from, to, first, range) {
  let [low, high] = [from + 1, to - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    range.setStart(node, from);
    range.setEnd(node, middle + 1);
    if ([...range.getClientRects()].every(({ top }) => Math.abs(top - first.top) < first.height / 2)) low = middle + 1;
    else high = middle;
  }
  // A pair of halves stays whole.
  return low > from + 1 && /[\udc00-\udfff]/.test(node.data[low]) ? low - 1 : low;
}

/** @param {readonly DOMRect[]} boxes */
function sameLine(boxes) {
  return boxes.every(({ top }) => Math.abs(top - boxes[0].top) < boxes[0].height / 2);
}

/** @param {readonly DOMRect[]} boxes of one line */
function around(boxes) {
  const left = Math.min(...boxes.map((box) => box.left));
  const right = Math.max(...boxes.map((box) => box.right));
  return new DOMRect(left, boxes[0].top, right - left, boxes[0].height);
}

/** @type {Map<string, number>} */
const ascents = new Map();

/** How far down a line's box its baseline is, as a share. @param {CSSStyleDeclaration} style */
function ascentOf({ fontWeight, fontSize, fontFamily }) {
  const font = `${fontWeight} ${fontSize} ${fontFamily}`;
  let share = ascents.get(font);
  if (share === undefined) {
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = measure('x', font);
    ascents.set(font, share = up / (up + down));
  }
  return share;
}
