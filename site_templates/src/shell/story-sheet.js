/** The story of a report that is one page: the page carries it as an article, which is read over the view. */
import { el, icon } from '../parts/element.js';

/** The button that opens it, and its sheet; none where the page carries no story. */
export function createStorySheet() {
  const article = document.getElementById('story');
  if (!article) return [];
  const dialog = el('dialog', { class: 'sheet story-sheet', 'aria-label': 'Story' },
    el('header', {}, el('h2', {}, 'Story'),
      el('button', { type: 'button', class: 'tool square', 'aria-label': 'Close', onclick: () => dialog.close() },
        icon('close'))), article);
  dialog.addEventListener('click', (event) => {
    // A link of the article leads to a view, which is then to be seen.
    const leaves = event.target instanceof Element && event.target.closest('.story a[href^="#"]');
    if (event.target === dialog || leaves) dialog.close();
  });
  return [el('button', { type: 'button', class: 'tool', 'aria-haspopup': 'dialog', onclick: () => dialog.showModal() },
    'Story'), dialog];
}
