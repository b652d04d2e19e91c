/** Copying a text, also where the clipboard is out of reach of the newer way. */
import { el } from '../parts/element.js';

/** Whether it was copied. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The older way, for pages that are no secure context. @param {string} text */
function copyBySelection(text) {
  const area = el('textarea', { class: 'offscreen', value: text, 'aria-hidden': 'true' });
  const focused = document.activeElement;
  // Beside what has the focus: a menu closes once it is left.
  (focused?.parentElement ?? document.body).append(area);
  area.select();
  let copied = false;
  try {
    copied = document.execCommand('copy');
  } catch {
    copied = false;
  }
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
