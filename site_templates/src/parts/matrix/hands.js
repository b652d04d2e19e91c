/** Pointers on the matrix: drag and wheel move and zoom it, a click picks, a hover looks. */

const STILL = 4;

/**
 * @typedef {object} Hands places are pixels from the matrix's own corner
 * @property {(dx: number, dy: number) => void} onPan
 * @property {(factor: number, x: number, y: number) => void} onZoom
 * @property {(x: number, y: number) => void} onPoint
 * @property {() => void} onLeave
 * @property {(x: number, y: number) => void} onTap
 * @property {() => void} onReset a double click
 */

/**
 * @param {HTMLElement} element @param {() => {left: number, top: number}} gutter as it is now
 * @param {Hands} hands
 */
export function attachHands(element, gutter, hands) {
  /** @type {Map<number, {x: number, y: number}>} */
  const pressed = new Map();
  let travelled = 0;
  const place = (/** @type {MouseEvent} */ { clientX, clientY }) => {
    const { left, top } = element.getBoundingClientRect();
    return { x: clientX - left - gutter().left, y: clientY - top - gutter().top };
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    if (pressed.size === 0) travelled = 0;
    pressed.set(event.pointerId, place(event));
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    const [now, before] = [place(event), pressed.get(event.pointerId)];
    if (!before) return event.pointerType === 'touch' ? undefined : hands.onPoint(now.x, now.y);
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    pressed.set(event.pointerId, now);
    if (other) {
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      if (was > 1) {
        hands.onZoom(Math.hypot(now.x - other.x, now.y - other.y) / was, (now.x + other.x) / 2, (now.y + other.y) / 2);
      }
    } else if (travelled > STILL) hands.onPan(now.x - before.x, now.y - before.y);
    return undefined;
  });
  element.addEventListener('pointerup', (event) => {
    const alone = pressed.size === 1 && pressed.has(event.pointerId);
    pressed.delete(event.pointerId);
    const { x, y } = place(event);
    if (alone && travelled <= STILL) hands.onTap(x, y);
  });
  element.addEventListener('pointercancel', (event) => void pressed.delete(event.pointerId));
  element.addEventListener('pointerleave', () => hands.onLeave());
  element.addEventListener('dblclick', () => hands.onReset());
  element.addEventListener('wheel', (event) => {
    event.preventDefault();
    const { x, y } = place(event);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    hands.onZoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), x, y);
  }, { passive: false });
}
