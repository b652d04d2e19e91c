/** The button by which what is seen is taken away; its menu is loaded when it is first needed, or nothing else is. */
import { el, fill, icon } from '../../parts/element.js';
import { createPopover } from '../../parts/popover.js';

/** @import { Context, View } from '../../parts/types.js' */

/** @param {Context} context @param {() => View | undefined} viewNow */
export function createExport(context, viewNow) {
  const panel = el('div', { class: 'popover export-panel', hidden: true });
  const button = el('button', { type: 'button', class: 'tool', title: 'Export what is shown (e)',
    'aria-haspopup': 'menu', 'aria-expanded': 'false' },
  icon('export'), el('span', { class: 'button-text' }, 'Export'));
  const element = el('div', { class: 'popover-anchor export' }, button, panel);
  /** @type {Promise<ReturnType<typeof import('./menu.js').createMenu>> | undefined} */
  let menu;
  const prepare = () => {
    menu ??= import('./menu.js').then(({ createMenu }) => (
      createMenu(context, { panel, viewNow, shut: () => toggle(false) })));
    menu.catch((error) => {
      menu = undefined;
      fill(panel, `The menu cannot be loaded. ${error instanceof Error ? error.message : ''}`);
    });
    return menu;
  };
  const { toggle } = createPopover({
    anchor: element, button, panel, onOpen: () => void prepare().then(({ open }) => open()).catch(() => {}),
  });
  return {
    element,
    toggle: () => toggle(),
    /** Loads the menu, by which the page is printed, too. */
    prepare: () => void prepare().then(() => viewNow()?.prepareExhibit?.()).catch(() => {}),
    numbers: () => void prepare().then(({ numbers }) => numbers()).catch(() => toggle(true)),
  };
}
