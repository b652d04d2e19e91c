/** Where the focus goes when what had it is gone: to what arrow keys move in on the present view. */

const SEEN = { visibilityProperty: true };

/** @param {HTMLElement} main holds the view */
export function createFocusKeeper(main) {
  /** What had the focus last. @type {Element | undefined} */
  let last;
  /** Whether `main` has the focus for want of anything in a view that is not drawn yet. */
  let lent = false;
  document.addEventListener('focusin', ({ target }) => {
    last = target instanceof Element ? target : undefined;
    if (target !== main) lent = false;
  });
  document.addEventListener('pointerdown', ({ target }) => {
    // Who presses on the bare page lets go of the focus.
    if (target instanceof Node && !last?.contains(target)) last = undefined;
  });
  function keep() {
    const waits = lent && document.activeElement === main;
    if (!last || (document.activeElement !== document.body && !waits)) return;
    if (!waits && last.checkVisibility(SEEN) && !last.matches(':disabled')) return;
    const start = [...main.querySelectorAll('[tabindex="0"]')].find((element) => element.checkVisibility(SEEN));
    lent = !start;
    /** @type {HTMLElement} */ (start ?? main).focus({ preventScroll: true });
  }
  // What a press takes away is gone once its listeners have run.
  for (const name of ['click', 'keyup']) document.addEventListener(name, () => setTimeout(keep));
  return { keep };
}
