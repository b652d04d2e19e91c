/** The stops of the tour: what each shows of this report, by heads, documents and numbers of its own. */
import { leadingLabels } from '../../state/awake.js';
import { defaultHead } from '../../state/layout.js';
import { clip, nameToken } from '../../parts/names.js';
import { count, percent, plural } from '../../parts/numbers.js';

/** @import { Attention, Model, Tokens } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

/** @typedef {{words: string, selection: Partial<Selection>}} Stop */

/** So many queries are looked through for a telling one. */
const LOOKED_THROUGH = 64;

/** What the report is, in a line. @param {Context} context @param {Model} model */
export function reportInWords({ report }, model) {
  return `${plural(report.heads(model.name).length, 'attention head')} of ${model.title} reading `
    + `${plural(report.manifest.documents.count, 'document')}: where each looks, to be explored.`;
}

/** @param {Context} context @param {Model} model @returns {readonly (() => Promise<Stop>)[]} */
export function stopsOf(context, model) {
  const { report } = context;
  const heads = report.heads(model.name);
  const first = /** @type {Head} */ (report.head(model.name, defaultHead(model, heads)));
  const telling = strongestLabel(heads.filter(({ id }) => id !== first.id)) ?? first;
  const place = { token: null, labels: '', filter: '' };
  const passage = () => passageOf(context, model, telling);
  return [
    async () => ({ selection: { ...place, view: 'atlas', head: first.id },
      words: 'Each cell is one head, layers down, heads across: a map of its queries (dots: what a token looks for) '
        + `and keys (diamonds: what it offers). Marked is ${first.id}; Enter or a press opens a head.` }),
    async () => ({ selection: { ...place, view: 'head', head: first.id },
      words: `${first.id} by itself${doesWhat(model, first)}. Press a point, or Enter and arrow keys, for the token it `
        + 'stands for and what that attends to; beside it are the head’s figures, and how exact they are.' }),
    async () => {
      const { document, query, words } = await passage();
      return { selection: { view: 'document', head: telling.id, doc: document, token: query, side: 'query' },
        words: `${telling.id}${doesWhat(model, telling)}: ${words}. Darker is more: point at any token, or `
          + 'use the arrow keys.' };
    },
    async () => {
      const { document, query } = await passage();
      return { selection: { view: 'lines', head: telling.id, heads: '', doc: document, token: query, side: 'query' },
        words: 'The same attention as lines; the switch above has more: a matrix, all heads, channel by channel, and '
          + 'two heads or documents compared.' };
    },
    async () => ({ selection: { ...place, view: 'heads', show: 'table' },
      words: `All ${plural(heads.length, 'head')} by what they do; ${count(heads.filter(hasLabels).length)} have a `
        + 'label. / searches, E exports, ? lists every key, and the address names what you see.' }),
  ];
}

/** @param {Head} head */
const hasLabels = (/** @type {Head} */ head) => leadingLabels(head).length > 0;

/** The head whose label is the clearest. @param {readonly Head[]} heads */
function strongestLabel(heads) {
  const score = (/** @type {Head} */ head) => Math.max(...leadingLabels(head).map((label) => label.score));
  return heads.filter(hasLabels).sort((a, b) => score(b) - score(a))[0];
}

/** ", labelled “previous token”", or nothing. @param {Model} model @param {Head} head */
function doesWhat(model, head) {
  const titles = leadingLabels(head).map(({ name }) => model.labels?.find((kind) => kind.name === name)?.title ?? name);
  return titles.length > 0 ? `, labelled “${titles.join(', ')}”` : '';
}

/** The document where a head is most focused, and a token of it that looks far at one other. @param {Context} context
 * @param {Model} model @param {Head} head */
async function passageOf({ report }, model, head) {
  const { query_axis: queryAxis, key_axis: keyAxis } = head.stackInfo;
  const { lengths } = await report.axis(model.name, queryAxis);
  const kept = await report.kept(model.name);
  const isStored = (/** @type {number} */ number) => kept?.has(number) ?? true;
  const { typical } = await report.details(model.name, head);
  const document = typical?.find(isStored)
    ?? Math.max(0, lengths.findIndex((length, number) => length > 0 && isStored(number)));
  const [attention, queries, keys] = await Promise.all([report.attention(model.name, head.id, document),
    report.tokens(model.name, queryAxis, document), report.tokens(model.name, keyAxis, document)]);
  const { query, key, share } = strongestPair(attention, queries, keys);
  const words = `in document ${count(document + 1)}, “${clip(nameToken(queries, query), 20)}” looks `
    + `at “${clip(nameToken(keys, key), 20)}” with ${percent(share)}`;
  return { document, query, words };
}

/** The strongest look from one token at another, of special tokens only where there are no others.
 * @param {Attention} attention @param {Tokens} queries @param {Tokens} keys */
function strongestPair(attention, queries, keys) {
  let best = { query: 0, key: 0, share: -1 };
  for (let query = 0; query < Math.min(attention.queries, LOOKED_THROUGH); query++) {
    const row = attention.row(query);
    for (let key = 0; key < attention.keys; key++) {
      const plain = !queries.special[query] && !keys.special[key] && (query !== key || queries !== keys);
      const rank = plain ? row[key] : row[key] - 1;
      if (rank > best.share) best = { query, key, share: rank };
    }
  }
  return { ...best, share: attention.row(best.query)[best.key] };
}
