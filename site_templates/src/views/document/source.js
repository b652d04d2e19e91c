/** Where the attention comes from that a document is shaded with: one head, or several at once. */
import { createAggregates } from '../../parts/aggregates.js';
import { whyNot } from '../../parts/joined-heads.js';
import { aggregateProblem } from '../../parts/aggregate-words.js';
import { tokenCount } from '../../parts/document-texts.js';
import { el, fill } from '../../parts/element.js';
import { isWeighted } from '../../parts/weighting.js';

/** @import { Attention } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Context } from '../../parts/types.js' */

/**
 * @param {Context} context
 * @param {object} view
 * @param {(selection: Selection) => boolean} view.isCurrent whether it is still to show a selection
 * @param {(card: HTMLElement) => void} view.putInstead shows what is being done, or why nothing can be shown
 */
export function createSource(context, { isCurrent, putInstead }) {
  const { report, state } = context;
  const aggregates = createAggregates(context);
  return {
    /**
     * @param {Selection} selection @param {Texts} texts
     * @returns {Promise<Attention | undefined>} undefined where it cannot be shown, which has then been said
     */
    async load(selection, texts) {
      const { model, head: id, aggregate } = selection;
      const head = report.head(model, id);
      if (aggregate === 'head' || !head) {
        return report.attention(model, id, texts.document, isWeighted(context, selection, head ? [head] : []));
      }
      const reason = whyNot(context, selection, head, Math.max(tokenCount(texts, 'query'), tokenCount(texts, 'key')));
      if (reason) {
        putInstead(aggregateProblem(reason, head, () => state.set({ aggregate: 'head' })));
        return undefined;
      }
      const progress = el('p', { class: 'quiet progress', role: 'status' });
      /** @param {string} text */
      const tell = (text) => {
        if (!isCurrent(selection)) return;
        if (!progress.isConnected) putInstead(progress);
        fill(progress, text);
      };
      return aggregates.load(selection, head, texts.document, tell, () => isCurrent(selection));
    },
  };
}
