/** Copying the link of what is shown, or showing it where the page may not copy. */
import { el, fill, icon } from '../parts/element.js';
import { copyText } from './copy.js';

/** How long the button says that it worked. */
const THANKS_MS = 1800;

/**
 * @param {() => string} link
 * @param {(text: string) => void} announce
 */
export function createShare(link, announce) {
  const label = el('span', { class: 'button-text' }, 'Link');
  const field = el('input', { type: 'text', readOnly: true, class: 'share-field', 'aria-label': 'Link to this view' });
  const panel =
    el('div', { class: 'popover share-panel', hidden: true, role: 'dialog', 'aria-label': 'Link to this view' },
    el('p', {}, 'This browser does not let the page copy. Copy the link from here:'), field);
  const button = el('button',
    { type: 'button', class: 'tool', title: 'Copy a link to exactly this view', onclick: copy }, icon('link'), label);

  async function copy() {
    const address = link();
    if (await copyText(address)) thank();
    else offer(address);
  }
  function thank() {
    panel.hidden = true;
    fill(label, 'Copied');
    announce('Link copied');
    setTimeout(() => fill(label, 'Link'), THANKS_MS);
  }
  /** @param {string} address */
  function offer(address) {
    field.value = address;
    panel.hidden = false;
    field.focus();
    field.select();
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
