/** The quiet line at the foot: what is here, what to do, what is loading, how much has been loaded. */
import { el, fill } from '../parts/element.js';
import { bytes, plural, units } from '../parts/numbers.js';
import { unitOf } from '../parts/stacks.js';

/** @import { Report } from '../data/report.js' */
/** @import { Selection } from '../state/types.js' */

/** @param {Report} report @param {() => void} onNotices */
export function createStatus(report, onNotices) {
  const facts = el('span', { class: 'status-facts' });
  const hint = el('span', { class: 'status-hint' });
  const loading = el('span', { class: 'status-loading' });
  const keeping = el('span', { class: 'status-keeping' });
  const failed = el('span', { class: 'caution', hidden: true, tabIndex: 0 });
  const total = Object.values(report.manifest.shards).reduce((sum, shard) => sum + shard.bytes, 0);
  const known = report.manifest.notices.length;
  const notices = known > 0
    && el('button', { type: 'button', class: 'link-button', onclick: onNotices }, plural(known, 'notice'));
  const element =
    el('footer', { class: 'status' }, facts, hint, el('span', { class: 'spacer' }), failed, notices, keeping, loading);

  const update = () => {
    const { bytes: loaded, pending } = report.loaded;
    element.classList.toggle('busy', pending > 0);
    fill(loading, pending > 0 && el('span', { class: 'busy-dot', 'aria-hidden': 'true' }),
      pending > 0 ? `loading ${plural(pending, 'file')} · ` : '',
      `${bytes(loaded)} of ${bytes(total)} loaded`);
  };
  /** @type {Map<string, string>} */
  const failures = new Map();
  report.onChange((event) => {
    if (event.type === 'fail' && event.error) {
      failures.set(event.path, event.error.message);
      failed.hidden = false;
      failed.dataset.tip = [...failures.values()].join('\n');
      fill(failed, `${plural(failures.size, 'file')} could not be read`);
    }
    update();
  });
  update();

  return {
    element,
    /** Where it is offered to keep the report. */
    keeping,
    /** @param {Selection} selection */
    show(selection) {
      const model = report.model(selection.model);
      // Windows of patches are axes of their own: the first tells enough.
      const axes = model && model.axes.length > 2 ? model.axes.slice(0, 1) : model?.axes ?? [];
      const tokens = axes.map((axis) => units(axis.tokens, model ? unitOf(model, axis.name) : 'token'));
      fill(facts,
        [plural(report.heads(selection.model).length, 'head'), ...tokens,
          plural(report.manifest.documents.count, 'document')].join(' · '));
    },
    /** @param {string} text */
    hint: (text) => fill(hint, text),
  };
}
