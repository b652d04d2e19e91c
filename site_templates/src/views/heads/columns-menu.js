/** Which columns the table of heads has: a menu of all of them, in their groups. */
import { chosenColumns, columnsOf, usualColumns } from '../../state/head-columns.js';
import { el, fill } from '../../parts/element.js';
import { createPopover } from '../../parts/popover.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection, State } from '../../state/types.js' */

const GROUPS = { statistics: 'What it does', stored: 'How true what is stored is', maps: 'How true its maps are' };

/** @param {State} state */
export function createColumnsMenu(state) {
  const list = el('div', { class: 'columns-list' });
  const reset = el('button',
    { type: 'button', class: 'link-button', onclick: () => state.set({ columns: '' }, { push: false }) },
    'The usual columns');
  const panel =
    el('div', { class: 'popover columns-panel', hidden: true, role: 'dialog', 'aria-label': 'Columns' }, list, reset);
  const button = el('button',
    { type: 'button', class: 'chip', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, 'Columns');
  const element = el('div', { class: 'popover-anchor' }, button, panel);
  createPopover({ anchor: element, button, panel, onOpen: () => list.querySelector('input')?.focus() });
  /** @type {Map<string, HTMLInputElement>} */
  const boxes = new Map();
  /** @type {Model | undefined} */
  let built;

  function choose() {
    if (!built) return;
    const names = columnsOf(built).map(({ name }) => name).filter((name) => boxes.get(name)?.checked);
    const usual = usualColumns(built);
    const same = names.length === usual.length && names.every((name) => usual.includes(name));
    // A table of names alone says nothing: with the last column gone, the usual ones come back.
    state.set({ columns: same ? '' : names.join(',') }, { push: false });
  }

  return {
    element,
    /** @param {Model} model @param {Selection} selection */
    show(model, selection) {
      if (built !== model) {
        built = model;
        boxes.clear();
        fill(list, ...Object.entries(GROUPS).map(([group, title]) => makeGroup(model, group, title, boxes, choose)));
      }
      const names = new Set(chosenColumns(model, selection.columns).map(({ name }) => name));
      for (const [name, box] of boxes) box.checked = names.has(name);
    },
  };
}

/**
 * @param {Model} model
 * @param {string} group
 * @param {string} title
 * @param {Map<string, HTMLInputElement>} boxes
 * @param {() => void} onChange
 */
function makeGroup(model, group, title, boxes, onChange) {
  const columns = columnsOf(model).filter((column) => column.group === group);
  return columns.length > 0 && el('fieldset', {}, el('legend', {}, title), ...columns.map((column) => {
    const box = el('input', { type: 'checkbox', onchange: onChange });
    boxes.set(column.name, box);
    return el('label', { class: 'check', 'data-tip': column.description }, box, el('bdi', {}, column.title));
  }));
}
