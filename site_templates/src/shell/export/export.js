/** The menu by which what is seen is taken away: as a picture, as numbers, as words. */
import { el, fill, icon } from '../../parts/element.js';
import { createPopover } from '../../parts/popover.js';
import { copyText } from '../copy.js';
import { entriesOf, makePlate } from './entries.js';
import { createNumbers } from './numbers.js';
import { createPrint } from './print.js';

/** @import { Context, View } from '../../parts/types.js' */
/** @import { Entry } from './entries.js' */

/** How long an entry says that it worked. */
const THANKS_MS = 1800;

/** @param {Context} context @param {() => View | undefined} viewNow */
export function createExport(context, viewNow) {
  const { report, announce } = context;
  const items = el('div', { role: 'menu', 'aria-label': 'Export', class: 'export-items' });
  const field = el('textarea', { class: 'export-text', readOnly: true, rows: 4, hidden: true });
  const note = el('p', { class: 'export-note', role: 'status' });
  const panel = el('div', { class: 'popover export-panel', hidden: true }, items, note, field);
  const numbers = createNumbers();
  const button = el('button', { type: 'button', class: 'tool', title: 'Export what is shown (e)',
    'aria-haspopup': 'menu', 'aria-expanded': 'false' },
  icon('export'), el('span', { class: 'button-text' }, 'Export'));
  const element = el('div', { class: 'popover-anchor export' }, button, panel, numbers.dialog);
  /** Titles of documents, once they are known. @type {Awaited<ReturnType<typeof report.documents>> | undefined} */
  let documents;

  const plateNow = () => {
    const exhibit = viewNow()?.exhibit?.();
    const title = exhibit?.document === undefined ? undefined : documents?.title(exhibit.document);
    return exhibit && makePlate(context, exhibit, title);
  };
  const print = createPrint(plateNow);
  const openNumbers = () => {
    const exhibit = viewNow()?.exhibit?.();
    if (exhibit) void numbers.show(exhibit);
    else announce('Nothing is shown that has numbers.');
  };

  async function open() {
    field.hidden = true;
    documents ??= await report.documents().catch(() => undefined);
    try {
      const plate = plateNow();
      fill(note, plate ? '' : 'Nothing is shown that could be exported.');
      fill(items, ...(plate ? entriesOf(context, plate, { print, numbers: openNumbers }) : []).map(item));
    } catch (error) {
      fill(items);
      fill(note, `This cannot be exported. ${error instanceof Error ? error.message : ''}`);
      console.error(error);
    }
    focusOn(items, 0);
  }

  /** @param {Entry} entry */
  function item(entry) {
    const size = el('span', { class: 'quiet' }, entry.size);
    const press = async () => {
      if (entry.missing) return;
      if (entry.show) {
        toggle(false);
        return entry.show();
      }
      try {
        if (entry.save) await entry.save();
        else if (!await copyText(entry.text ?? '')) return offer(entry);
        thank(size, entry);
      } catch (error) {
        fill(note, `${entry.name} cannot be made. ${error instanceof Error ? error.message : ''}`);
      }
    };
    return el('button', { type: 'button', role: 'menuitem', tabIndex: -1,
      class: entry.apart ? 'export-item apart' : 'export-item',
      'aria-disabled': entry.missing ? 'true' : null, onclick: press }, el('span', {}, entry.name), size);
  }

  /** @param {HTMLElement} size @param {Entry} entry */
  function thank(size, entry) {
    const done = entry.save ? 'saved' : 'copied';
    fill(size, done);
    announce(`${entry.name} ${done}`);
    setTimeout(() => fill(size, entry.size), THANKS_MS);
  }

  /** The page may not copy: whoever reads may. @param {Entry} entry */
  function offer({ name, text = '' }) {
    fill(note, `This browser does not let the page copy. Copy the ${name} from here:`);
    field.value = text;
    field.setAttribute('aria-label', name);
    field.hidden = false;
    field.focus();
    field.select();
  }

  const { toggle } = createPopover({ anchor: element, button, panel, onOpen: () => void open() });
  listen(element, items, () => toggle(false));
  return { element, toggle: () => toggle(), numbers: openNumbers };
}

/**
 * Keys among the entries; the menu shuts when the focus leaves it.
 * @param {HTMLElement} element @param {HTMLElement} items @param {() => void} shut
 */
function listen(element, items, shut) {
  items.addEventListener('keydown', (event) => {
    const at = [...items.children].findIndex((child) => child === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined || at < 0) return;
    focusOn(items, next);
    event.preventDefault();
    event.stopPropagation();
  });
  element.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !element.contains(relatedTarget)) shut();
  });
}

/** @param {HTMLElement} items @param {number} at */
function focusOn({ children }, at) {
  const item = children[(at + children.length) % children.length];
  if (item instanceof HTMLElement) item.focus();
}
