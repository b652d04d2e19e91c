/** What is compared with what, and whether both have the same tokens. */
import { neighbour } from '../../state/layout.js';
import { readPartner } from '../../state/partner.js';
import { joinTexts, loadTexts, shownAttention, tokensOf } from '../../parts/document-texts.js';
import { canLeaveOut, leftOutOf } from '../../parts/left-out.js';
import { nameToken } from '../../parts/names.js';
import { makeShares } from '../../parts/token-shares.js';

/** @import { Place } from '../../state/partner.js' */
/** @import { Selection, Side } from '../../state/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Content } from '../../parts/matrix/surface.js' */
/** @import { Context } from '../../parts/types.js' */

/**
 * @typedef {object} Compared one of the two
 * @property {Place} place
 * @property {string} title
 * @property {Texts} texts
 * @property {Record<Side, readonly number[]>} order tokens of each row and column
 * @property {ReturnType<typeof makeShares>} shares
 * @property {(row: number) => ArrayLike<number>} row its attention, a column each
 */

/** The second of the two: what the link names, else a head that is alike. @param {Context} context
 * @param {Selection} selection @param {number} document of the first @returns {Place} */
function partnerOf({ report, rows }, { model, head, with: text }, document) {
  const named = readPartner(text);
  const alike = report.head(model, head)?.alike?.[0]?.head;
  const around = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    .map(([across, down]) => neighbour(rows(model), head, across, down)?.id);
  const usual = alike ?? around.find((id) => id !== undefined) ?? head;
  if (!named) return { model, head: usual, doc: document };
  return { model: named.model ?? model, head: named.head ?? head, doc: named.doc ?? document };
}

/**
 * Both, with what is left out of either where special tokens and sinks are: of both the same where they are subtracted.
 * @param {Context} context @param {Selection} selection @param {Texts} texts of the first
 */
export async function loadPair(context, selection, texts) {
  const { model, head } = selection;
  const places = [{ model, head, doc: texts.document }, partnerOf(context, selection, texts.document)];
  const others = await textsOf(context, selection, texts, places[1]);
  const both = [texts, others];
  const apart = whyNoDifference(both, places);
  const leftOut = places.map((place, i) => {
    const of = context.report.head(place.model, place.head);
    return leftOutOf(context, place.model, of ? [of] : [], both[i]);
  });
  const union = leftOut[0].keys.map((hidden, key) => hidden || leftOut[1].keys[key]);
  const [first, second] = await Promise.all(places.map((place, i) => (
    loadSide(context, selection, { place, first: places[0], texts: both[i], keys: apart ? leftOut[i].keys : union }))));
  return { first, second, apart, leftOut: leftOut[0],
    canHide: leftOut.some((each, i) => canLeaveOut(each, both[i])) };
}

/** @param {Context} context @param {Selection} selection @param {Texts} texts @param {Place} place */
async function textsOf(context, selection, texts, { model, head, doc }) {
  const { report } = context;
  const stack = report.head(model, head)?.stackInfo;
  const { query, key } = texts.axes;
  const oneAxis = stack?.query_axis === query && stack.key_axis === key;
  if (model === selection.model && doc === texts.document && oneAxis) return texts;
  const loaded = await loadTexts(context, { ...selection, model, head, doc });
  return selection.words && loaded.joinable ? joinTexts(loaded) : loaded;
}

/**
 * @param {Context} context @param {Selection} selection
 * @param {{place: Place, first: Place, texts: Texts, keys: readonly boolean[]}} what `keys` can be left out
 * @returns {Promise<Compared>}
 */
async function loadSide(context, selection, { place, first, texts, keys }) {
  const attention = await context.report.attention(place.model, place.head, texts.document);
  const shares = makeShares(shownAttention(texts, attention), texts, keys);
  const remaining = (/** @type {readonly boolean[]} */ hidden) => (
    [...hidden.keys()].filter((token) => !selection.hide || !hidden[token]));
  const { query, key } = { query: remaining(texts.queries.special), key: remaining(keys) };
  return {
    place, texts, order: { query, key }, title: titleOf(context, place, first), shares,
    row(at) {
      const { values } = shares.row(query[at], selection.hide);
      return key.length === values.length ? values : key.map((token) => values[token]);
    },
  };
}

/** @param {Context} context @param {Place} place @param {Place} first */
function titleOf({ report }, { model, head, doc }, first) {
  return [model !== first.model && (report.model(model)?.title ?? model), head,
    doc !== first.doc && `document ${Number(doc) + 1}`].filter(Boolean).join(', ');
}

/** @param {Compared} side @returns {Content} */
export function contentOf({ texts, order: { query, key }, row }) {
  return {
    extent: { rows: query.length, columns: key.length }, row,
    rowName: (at) => nameToken(texts.queries, query[at]), columnName: (at) => nameToken(texts.keys, key[at]),
  };
}

/** The first minus the second. @param {Compared} first @param {Compared} second @returns {Content} */
export function differenceOf(first, second) {
  return { ...contentOf(first), row(at) {
    const [a, b] = [first.row(at), second.row(at)];
    // Where neither sees a key there is no difference to draw.
    return Float64Array.from(a, (share, i) => (share || 0) - (b[i] || 0));
  } };
}

/** Why two cannot be subtracted, '' where they can. @param {readonly Texts[]} texts @param {readonly Place[]} places */
function whyNoDifference([a, b], [first, second]) {
  const same = (/** @type {Side} */ side) => {
    const [here, there] = [tokensOf(a, side).texts, tokensOf(b, side).texts];
    return here.length === there.length && here.every((text, i) => text === there[i]);
  };
  if (same('query') && same('key')) return '';
  return first.doc === second.doc
    ? 'They cut the text into other tokens, so no difference is drawn: the cursors go to the same place of the text.'
    : 'These are other texts, so no difference is drawn: the cursors go to the same position.';
}

/**
 * Where a token of one side is on the other: the one that covers its first character, in one document; else the one at
 * its position.
 * @param {Compared} from @param {Compared} to @param {Side} side @param {number} at row or column
 */
export function counterpart(from, to, side, at) {
  const last = to.order[side].length - 1;
  const [here, there] = [tokensOf(from.texts, side), tokensOf(to.texts, side)];
  const start = here.start[from.order[side][at]];
  if (from.place.doc !== to.place.doc || start < 0 || start === undefined) return Math.min(at, last);
  const covering = to.order[side].findIndex((token) => there.start[token] <= start && start < there.end[token]);
  return covering < 0 ? Math.min(at, last) : covering;
}
