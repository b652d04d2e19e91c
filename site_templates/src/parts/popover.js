/**
 * What opens below a button, and shuts by the button, by Escape and by a press elsewhere.
 * @param {object} parts
 * @param {HTMLElement} parts.anchor holds the button and the panel
 * @param {HTMLButtonElement} parts.button
 * @param {HTMLElement} parts.panel
 * @param {() => void} parts.onOpen fills it, and puts the focus where a reader begins
 */
export function createPopover({ anchor, button, panel, onOpen }) {
  /** What had the focus before it opened. @type {Element | null} */
  let before = null;
  function toggle(open = panel.hidden === true) {
    if (open && panel.hidden) before = document.activeElement;
    panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) onOpen();
  }
  /** Shuts it for a reader who goes on where they were. */
  function close() {
    toggle(false);
    returnFocus(before, button);
  }
  button.addEventListener('click', () => toggle());
  anchor.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || panel.hidden) return;
    event.stopPropagation();
    close();
  });
  document.addEventListener('pointerdown', ({ target }) => {
    if (!panel.hidden && target instanceof Node && !anchor.contains(target)) toggle(false);
  });
  return { toggle, close };
}

/**
 * Gives the focus back to what had it, where that is still there.
 * @param {Element | null} before @param {HTMLElement} button
 */
export function returnFocus(before, button) {
  const remains = before instanceof HTMLElement && before !== document.body && before.checkVisibility();
  (remains ? before : button).focus();
}
