/** Pointers on a picture: drag, wheel and pinch move it, a click or tap picks, a hover looks; a drag may also draw. */

/** A press that moves less than this, in pixels, is a click. */
const STILL = 5;
/** The right button among those that are down. */
const RIGHT = 2;

/** @typedef {{x: number, y: number}} Spot */
/**
 * @typedef {object} Gestures places are pixels from the element's top left corner
 * @property {(dx: number, dy: number, shifting: boolean) => void} onPan `shifting`: two fingers, right button, or Shift
 * @property {(factor: number, x: number, y: number) => void} onZoom
 * @property {(x: number, y: number, touch: boolean) => void} onTap
 * @property {(x: number, y: number) => void} onHover
 * @property {() => void} onLeave
 * @property {() => void} onReset a double click
 * @property {(shift: boolean) => boolean} draws whether a press begins a line, not a move
 * @property {(line: readonly Spot[] | undefined, done: boolean) => void} onDraw the line so far, in the end all of it;
 *   undefined: it was given up
 */

/** @param {HTMLElement} element @param {Gestures} gestures */
export function attachGestures(element, gestures) {
  /** @type {Map<number, {x: number, y: number}>} */
  const pressed = new Map();
  let travelled = 0;
  /** What the pressed pointer draws. @type {Spot[] | undefined} */
  let line;
  const giveUp = () => {
    if (line) gestures.onDraw(undefined, true);
    line = undefined;
  };

  /** @param {MouseEvent} event */
  const place = (event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 && event.button !== 2) return;
    if (pressed.size === 0) travelled = 0;
    // A second finger pinches: what the first one drew is given up.
    giveUp();
    if (pressed.size === 0 && event.button === 0 && gestures.draws(event.shiftKey)) line = [place(event)];
    pressed.set(event.pointerId, place(event));
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    const now = place(event);
    const before = pressed.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== 'touch') gestures.onHover(now.x, now.y);
      return;
    }
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (pressed.size === 2) pinch(pressed, event.pointerId, now, gestures);
    else if (line) {
      line.push(now);
      if (travelled > STILL) gestures.onDraw(line, false);
    } else if (travelled > STILL) {
      const shifting = event.shiftKey || (event.buttons & RIGHT) !== 0;
      gestures.onPan(now.x - before.x, now.y - before.y, shifting);
    }
    pressed.set(event.pointerId, now);
  });
  element.addEventListener('pointerup', (event) => {
    const alone = pressed.size === 1 && pressed.has(event.pointerId);
    pressed.delete(event.pointerId);
    const { x, y } = place(event);
    const drawn = travelled > STILL ? line : undefined;
    if (drawn) gestures.onDraw(drawn, true);
    line = undefined;
    if (alone && travelled <= STILL && event.button === 0) gestures.onTap(x, y, event.pointerType === 'touch');
    // The second finger of a pinch, lifted later, is no click.
    if (!alone) travelled = Infinity;
  });
  // A drag with the right button is no wish for a menu.
  element.addEventListener('contextmenu', (event) => travelled > STILL && event.preventDefault());
  element.addEventListener('pointercancel', (event) => {
    giveUp();
    pressed.delete(event.pointerId);
  });
  element.addEventListener('pointerleave', () => gestures.onLeave());
  element.addEventListener('dblclick', () => gestures.onReset());
  element.addEventListener('wheel', (event) => {
    event.preventDefault();
    const { x, y } = place(event);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    gestures.onZoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), x, y);
  }, { passive: false });
}

/**
 * @param {Map<number, {x: number, y: number}>} pressed
 * @param {number} moved
 * @param {{x: number, y: number}} now
 * @param {Gestures} gestures
 */
function pinch(pressed, moved, now, gestures) {
  const before = /** @type {{x: number, y: number}} */ (pressed.get(moved));
  const [other] = [...pressed].filter(([id]) => id !== moved).map(([, at]) => at);
  const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
  gestures.onPan((now.x - before.x) / 2, (now.y - before.y) / 2, true);
  const was = Math.hypot(before.x - other.x, before.y - other.y);
  if (was > 1) gestures.onZoom(Math.hypot(now.x - other.x, now.y - other.y) / was, middle.x, middle.y);
}
