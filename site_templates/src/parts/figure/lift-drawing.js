/** What the page draws by SVG, as marks of a figure. */

/** @import { Mark } from './types.js' */

/**
 * @param {SVGElement} element
 * @param {{x: number, y: number}} origin in the window
 * @param {number} opacity
 * @returns {Mark[]}
 */
export function liftDrawing(element, origin, opacity) {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden') return [];
  const matrix = element instanceof SVGGraphicsElement ? element.getScreenCTM() : null;
  if (!matrix || ['svg', 'g'].includes(element.tagName)) {
    return [...element.children].flatMap((child) => (child instanceof SVGElement
      ? liftDrawing(child, origin, opacity * Number(getComputedStyle(child).opacity)) : []));
  }
  const at = (/** @type {number} */ x, /** @type {number} */ y) => {
    const point = new DOMPoint(x, y).matrixTransform(matrix);
    return { x: point.x - origin.x, y: point.y - origin.y };
  };
  const scale = Math.hypot(matrix.a, matrix.b);
  const paint = {
    fill: colorOf(style.fill), stroke: colorOf(style.stroke), opacity,
    strokeWidth: parseFloat(style.strokeWidth) * scale,
  };
  if (!paint.fill && !paint.stroke) return [];
  if (element instanceof SVGCircleElement) {
    const { cx, cy, r } = element;
    return [{ type: 'dot', ...at(cx.baseVal.value, cy.baseVal.value), radius: r.baseVal.value * scale, ...paint }];
  }
  if (element instanceof SVGLineElement) {
    const [from, to] = [at(element.x1.baseVal.value, element.y1.baseVal.value),
      at(element.x2.baseVal.value, element.y2.baseVal.value)];
    return [{ type: 'path', d: `M${from.x} ${from.y}L${to.x} ${to.y}`, ...paint, fill: undefined }];
  }
  if (element instanceof SVGRectElement) {
    const { x, y, width, height } = element.getBBox();
    return [{ type: 'rect', ...at(x, y), width: width * scale, height: height * scale, ...paint }];
  }
  if (element instanceof SVGPathElement && scale === 1) {
    return [{ type: 'group', ...at(0, 0), marks: [
      { type: 'path', d: element.getAttribute('d') ?? '', ...paint, round: style.strokeLinecap === 'round',
        dash: dashOf(style.strokeDasharray) }] }];
  }
  if (element instanceof SVGTextElement) return [textMark(element, style, at, matrix, opacity)];
  return [];
}

/** @param {SVGTextElement} element @param {CSSStyleDeclaration} style
 * @param {(x: number, y: number) => {x: number, y: number}} at @param {DOMMatrix} matrix @param {number} opacity
 * @returns {Mark} */
function textMark(element, style, at, { a, b }, opacity) {
  const [x, y] = [element.x, element.y].map(({ baseVal }) => (baseVal.numberOfItems ? baseVal.getItem(0).value : 0));
  const anchor = style.textAnchor === 'end' || style.textAnchor === 'middle' ? style.textAnchor : 'start';
  return {
    type: 'text', text: element.textContent ?? '', ...at(x, y), anchor,
    size: parseFloat(style.fontSize) * Math.hypot(a, b),
    weight: Number(style.fontWeight), fill: colorOf(style.fill) ?? '#000',
    opacity: opacity === 1 ? undefined : opacity,
    angle: Math.abs(b) < 1e-9 ? undefined : (Math.atan2(b, a) * 180) / Math.PI,
    halo: style.paintOrder.startsWith('stroke') ? colorOf(style.stroke) : undefined,
  };
}

/** @param {string} dashes as the browser has them, in pixels */
function dashOf(dashes) {
  return dashes === 'none' ? undefined : dashes.replace(/px|,/g, '');
}

/** @param {string} color */
function colorOf(color) {
  return color === 'none' || /^rgba\(.*, 0\)$|^transparent$/.test(color) ? undefined : color;
}
