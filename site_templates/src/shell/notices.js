/** What the reader should know now: a newer report, a link that did not fit, a file that failed. */
import { el, icon } from '../parts/element.js';

export function createNotices() {
  const element = el('div', { class: 'banners', role: 'status' });
  /** @type {Set<string>} */
  const open = new Set();
  return {
    element,
    /**
     * @param {string} text shown once until it is dismissed
     * @param {{label: string, run: () => void}} [action]
     */
    add(text, action) {
      if (open.has(text)) return;
      open.add(text);
      const banner = el('div', { class: 'banner' }, el('span', {}, text),
        action && el('button', { type: 'button', class: 'link-button', onclick: action.run }, action.label),
        el('button', {
          type: 'button', class: 'tool square', 'aria-label': 'Dismiss', onclick: () => {
            open.delete(text);
            banner.remove();
          },
        }, icon('close')));
      element.append(banner);
    },
  };
}
