/** Copying the link of what is shown; its panel has the link too, and how to put the view into other pages. */
import { el, fill, icon } from '../parts/element.js';
import { copyText } from './copy.js';

/** How long a button says that it worked. */
export const THANKS_MS = 1800;

/**
 * @typedef {object} Shared what there is to share
 * @property {() => string} link the address of what is shown
 * @property {() => string} embedded the same of the view alone
 * @property {() => string} title what the view is of
 * @property {(text: string) => void} announce
 */

/** @param {Shared} shared */
export function createShare(shared) {
  const label = el('span', { class: 'button-text' }, 'Link');
  const panel =
    el('div', { class: 'popover share-panel', hidden: true, role: 'dialog', 'aria-label': 'Link to this view' });
  const button = el('button',
    { type: 'button', class: 'tool', title: 'Copy a link to exactly this view', onclick: copy }, icon('link'), label);

  async function copy() {
    const copied = await copyText(shared.link());
    if (copied) {
      fill(label, 'Copied');
      shared.announce('Link copied');
      setTimeout(() => fill(label, 'Link'), THANKS_MS);
    }
    (await import('./share-panel.js')).fillPanel(panel, shared, copied);
  }
  const wrap = el('div', { class: 'popover-anchor' }, button, panel);
  wrap.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || panel.hidden) return;
    event.stopPropagation();
    panel.hidden = true;
    button.focus();
  });
  document.addEventListener('pointerdown', (event) => {
    if (event.target instanceof Node && !wrap.contains(event.target)) panel.hidden = true;
  });
  return wrap;
}
