/** What the export menu has, once it is first needed: as a picture, as numbers, as words. */
import { el, fill } from '../../parts/element.js';
import { copyText } from '../copy.js';
import { entriesOf, makePlate } from './entries.js';
import { createNumbers } from './numbers.js';
import { createPrint } from './print.js';

/** @import { Context, View } from '../../parts/types.js' */
/** @import { Entry } from './entries.js' */

/** How long an entry says that it worked. */
const THANKS_MS = 1800;

/**
 * @param {Context} context
 * @param {{panel: HTMLElement, viewNow: () => View | undefined, shut: () => void}} page `panel` is filled
 */
export function createMenu(context, { panel, viewNow, shut }) {
  const { report, announce } = context;
  const items = el('div', { role: 'menu', 'aria-label': 'Export', class: 'export-items' });
  const field = el('textarea', { class: 'export-text', readOnly: true, rows: 4, hidden: true });
  const note = el('p', { class: 'export-note', role: 'status' });
  const numbers = createNumbers();
  fill(panel, items, note, field);
  document.body.append(numbers.dialog);
  /** Titles of documents, once they are known. @type {Awaited<ReturnType<typeof report.documents>> | undefined} */
  let documents;

  const plateNow = () => {
    const exhibit = viewNow()?.exhibit?.();
    const title = exhibit?.document === undefined ? undefined : documents?.title(exhibit.document);
    return exhibit && makePlate(context, exhibit, title);
  };
  const print = createPrint(plateNow);
  const openNumbers = async () => {
    await viewNow()?.prepareExhibit?.();
    const exhibit = viewNow()?.exhibit?.();
    if (exhibit) void numbers.show(exhibit);
    else announce('Nothing is shown that has numbers.');
  };

  async function open() {
    field.hidden = true;
    documents ??= await report.documents().catch(() => undefined);
    try {
      await viewNow()?.prepareExhibit?.();
      const plate = plateNow();
      fill(note, plate ? '' : 'Nothing is shown that could be exported.');
      fill(items, ...(plate ? entriesOf(context, plate, { print, numbers: () => void openNumbers() }) : []).map(item));
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
        shut();
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

  listen(panel, items, shut);
  return { open, numbers: openNumbers };
}

/**
 * Keys among the entries; the menu shuts when the focus leaves it.
 * @param {HTMLElement} panel @param {HTMLElement} items @param {() => void} shut
 */
function listen(panel, items, shut) {
  items.addEventListener('keydown', (event) => {
    const at = [...items.children].findIndex((child) => child === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined || at < 0) return;
    focusOn(items, next);
    event.preventDefault();
    event.stopPropagation();
  });
  panel.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !panel.parentElement?.contains(relatedTarget)) shut();
  });
}

/** @param {HTMLElement} items @param {number} at */
function focusOn({ children }, at) {
  const item = children[(at + children.length) % children.length];
  if (item instanceof HTMLElement) item.focus();
}
