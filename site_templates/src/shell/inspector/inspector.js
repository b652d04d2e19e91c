/** The panel at the right, a sheet on phones: the head, the document and token, and where all of it comes from. */
import { DataError } from '../../data/errors.js';
import { WORDS } from '../../format/words.js';
import { REST } from '../../state/awake.js';
import { mainStatistics, isShare, neighbour } from '../../state/layout.js';
import { restOf } from '../../state/sinks.js';
import { headInWords } from '../../parts/head-card.js';
import { STEPS } from '../../parts/steps.js';
import { el, fill, icon } from '../../parts/element.js';
import { clip } from '../../parts/names.js';
import { aggregateInWords } from '../../parts/aggregate-words.js';
import { atMost, count, errorOf, figure, percent } from '../../parts/numbers.js';
import { certificateInWords, mapInWords, phrase } from '../../parts/truth.js';
import { createEffectLine } from './effect-line.js';
import { examplesList } from './examples.js';
import { fact } from './facts.js';
import { labelTests } from './label-tests.js';
import { alikeLine, documentList, folded, labelLine, pairList, restLine, wakingList } from './lists.js';
import { entropySpread, offsetProfile } from './profile.js';
import { needleTable } from './needle.js';
import { positionMatrix } from './positions.js';
import { createProvenance } from './provenance.js';
import { movedLine, seriesCard } from './series-card.js';
import { createTokenCard } from './token-card.js';
import { createWhyHere } from './why-here.js';
import { writtenCard } from './written.js';

/** @import { Model } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head, ViewDefinition } from '../../parts/types.js' */

/** What the head's card depends on. */
const DECISIVE = ['model', 'head', 'map', 'view', 'aggregate', 'residual', 'discard', 'sort'];

/** @param {Context} context @param {readonly ViewDefinition[]} definitions */
export function createInspector(context, definitions) {
  const { report } = context;
  const headCard = el('section', { class: 'card head-card', 'aria-label': 'Head' });
  const more = el('section', { class: 'card', 'aria-label': 'More of the head' });
  const effects = createEffectLine(context);
  const why = createWhyHere(context);
  const tokenCard = createTokenCard(context, definitions);
  const provenance = createProvenance(report);
  const grip = el('button',
    { type: 'button', class: 'sheet-grip', 'aria-expanded': 'false',
      onclick: () => toggle(!element.classList.contains('open')) });
  const element = el('aside', { class: 'inspector', 'aria-label': 'Inspector' }, grip,
    el('div', { class: 'inspector-body' }, headCard, tokenCard.element, more, provenance.element));

  /** @param {boolean} open */
  function toggle(open) {
    element.classList.toggle('open', open);
    grip.setAttribute('aria-expanded', String(open));
  }

  /** @param {Selection} selection */
  function showHead(selection) {
    const model = report.model(selection.model);
    const head = report.head(selection.model, selection.head);
    fill(more);
    if (!model || !head) return fill(headCard, el('p', { class: 'quiet' }, 'This model has no heads.'));
    const figures = mainStatistics(model, head)
      .map(({ title, name, unit }) => `${title.toLowerCase()} ${figure(head.statistics[name], unit)}`);
    fill(grip, el('b', {}, head.id), el('span', { class: 'quiet' }, ` ${figures.join(' · ')}`));
    const aggregate = selection.view === 'document' ? aggregateInWords(report, selection) : '';
    fill(headCard,
      aggregate && el('p', { class: 'aggregate-note' }, `${aggregate} What follows is of ${head.id} alone.`),
      el('header', { class: 'head-title' }, el('h2', {}, head.id), steppers(context, selection),
        el('p', { class: 'quiet' }, headInWords(head))),
      labelLine(context, model, head), restLine(context, model, head), mainFigures(model, head),
      movedLine(context, model, head), effects.element);
    fill(more, detail(context, selection, head, (known) => labelTests(context, model, known)),
      alikeLine(context, head), seriesCard(context, selection, head), why.card(model, head),
      detail(context, selection, head, offsetProfile),
      detail(context, selection, head, needleTable),
      entropySpread(head, report.heads(model.name)), positionMatrix(context, selection, head),
      detail(context, selection, head, (known) => documentList(context, known)),
      detail(context, selection, head, pairList), detail(context, selection, head, wakingList),
      examplesList(context, selection, head), writtenCard(context, model, head),
      mapTruth(model, head, selection.map), certificate(head), otherFigures(model, head), capture(model, head));
  }

  return {
    element,
    /** @param {Selection} selection @param {Selection} [previous] */
    show(selection, previous) {
      const same = previous
        && DECISIVE.every((key) => Reflect.get(previous, key) === Reflect.get(selection, key));
      if (!same) showHead(selection);
      effects.show(selection);
      why.show(selection);
      void tokenCard.show(selection);
      provenance.show(selection.model);
    },
  };
}

/**
 * What is drawn of a head once its layer's details have come: at once where they are there.
 * @param {Context} context
 * @param {Selection} selection
 * @param {Head} head
 * @param {(head: Head) => HTMLElement | null} draw
 */
function detail({ report }, { model }, head, draw) {
  if (report.known(model, head)) return draw(head);
  const place = el('div', { class: 'head-detail', 'aria-busy': 'true' });
  report.details(model, head).then(() => {
    const drawn = draw(head);
    if (drawn) place.replaceWith(drawn);
    else place.remove();
  }).catch((error) => {
    if (!(error instanceof DataError)) throw error;
    place.removeAttribute('aria-busy');
    fill(place, el('p', { class: 'quiet' }, `A part of this panel could not be read. ${error.message}`));
  });
  return place;
}

/** @param {Context} context @param {Selection} selection */
function steppers({ state, rows }, selection) {
  /** @type {readonly ['left' | 'up' | 'down' | 'right', string, [number, number] | undefined][]} */
  const steps = [
    ['left', 'Previous head', STEPS.ArrowLeft], ['up', 'Layer before', STEPS.ArrowUp],
    ['down', 'Layer after', STEPS.ArrowDown], ['right', 'Next head', STEPS.ArrowRight],
  ];
  const buttons = steps.map(([name, title, step]) => {
    const next = step && neighbour(rows(selection.model), selection.head, ...step);
    return el('button', {
      type: 'button', class: 'step', disabled: !next, title: next ? `${title}: ${next.id}` : title, 'aria-label': title,
      'data-step': name,
      onclick: () => {
        if (!next) return;
        state.set({ head: next.id }, { push: false });
        // The card is drawn anew: the finger stays on the same button.
        /** @type {HTMLElement | null} */ (document.querySelector(`.step[data-step=${name}]`))?.focus();
      },
    }, icon(name));
  });
  return el('span', { class: 'steppers', role: 'group', 'aria-label': 'Neighbouring heads' }, ...buttons);
}

/** @param {Model} model @param {Head} head */
function mainFigures(model, head) {
  const entries = mainStatistics(model, head).map(({ name, title, unit, description }) => {
    const share = name === REST ? lower(title) : `on ${lower(title)}`;
    const words = isShare(unit) ? share : [unit, lower(title)].filter(Boolean).join(', ');
    const value = `${figure(head.statistics[name], unit)}${errorOf(head.standard_errors?.[name], unit)}`;
    return el('div', { 'data-tip': description }, el('dd', {}, value), el('dt', {}, words));
  });
  return el('dl', { class: 'main-figures' }, ...entries);
}

/** @param {Model} model @param {Head} head */
function otherFigures(model, head) {
  const shares = model.statistics.filter(({ unit }) => isShare(unit));
  const main = mainStatistics(model, head);
  const rest = model.statistics.filter((statistic) => !isShare(statistic.unit) && !main.includes(statistic));
  const rows = [...shares, ...rest].map((statistic) =>
    figureRow(statistic, head.statistics[statistic.name] ?? null, head.standard_errors?.[statistic.name]));
  return el('div', { class: 'figures' }, shares.length > 0 && el('h3', {}, 'Attention, on average'),
    el('table', {}, el('tbody', {}, ...rows)));
}

/** @param {Model['statistics'][number]} statistic @param {number | null} value @param {number} [error] */
function figureRow({ title, unit, description }, value, error) {
  const share = isShare(unit);
  const bar = el('span', { class: 'bar' });
  if (share) bar.style.width = `${100 * (value ?? 0)}%`;
  return el('tr', { 'data-tip': description }, el('th', { scope: 'row' }, title),
    el('td', { class: 'bar-cell' }, share && el('span', { class: 'bar-track' }, bar)),
    el('td', { class: 'number' }, share && value !== null ? percent(value) : withUnit(figure(value, unit), unit),
      typeof error === 'number' && el('span', { class: 'quiet' }, errorOf(error, unit))));
}

/** @param {string} text @param {string} unit */
function withUnit(text, unit) {
  return text === '–' ? text : `${text} ${unit}`.trim();
}

/** How far nearness on the map shown means attention. @param {Model} model @param {Head} head @param {string} id */
function mapTruth(model, head, id) {
  const truth = mapInWords(head.maps[id] ?? {}, model.maps.find((map) => map.id === id)?.title ?? id);
  return truth && truthCard('map-truth', truth);
}

/** @param {Head} head */
function certificate(head) {
  return truthCard('attention-truth', certificateInWords(head.certificate));
}

/** One figure with a word, and the rest on demand. @param {string} name @param {{title: string, text: string}} truth */
function truthCard(name, { title, text }) {
  const card = folded(name, title, () => [el('p', {}, text)]);
  card.classList.replace('more', 'certificate');
  card.classList.add(name);
  return card;
}

/** @param {Model} model @param {Head} head */
function capture(model, head) {
  const source = model.captures.find(({ stack, layer }) => stack === head.stack && layer === head.layer);
  const { mask, scaling, softcap } = model.rules[head.rule];
  const visible = phrase(WORDS.masks[mask.kind], { before: count(mask.before ?? 0), after: count(mask.after ?? 0) });
  return el('details', { class: 'more' }, el('summary', {}, 'How it was captured'),
    el('dl', { class: 'facts' },
      ...fact('Module', source && el('code', {}, source.module)), ...fact('By', source?.line),
      ...fact('Mask', `${mask.kind}: ${visible}`), ...fact('Scaling', String(Number(scaling.toPrecision(4)))),
      ...fact('Soft cap', softcap === null ? null : String(softcap)),
      ...fact('Sink', restOf(model, head) === 'learned sink' ? String(Number(head.sink?.toPrecision(4))) : null),
      ...fact('Missing', restOf(model, head) === 'missing' ? 'what rows lack was not given; it is on no token' : null),
      ...fact('Key–value head', head.stackInfo.kv_heads === head.stackInfo.heads ? null : String(head.kv_head)),
      ...fact('Self-check', model.attention_by ? givenCheck(model)
        : `attention recomputed on a short input differs from the model’s by at most `
          + `${atMost(model.self_check.max_error)} percentage points, over ${count(model.self_check.rows)} rows`),
      ...fact('Stored as', clip([...new Set(head.encodings)].join(', '), 200))));
}

/** How far queries and keys that were given are from the attention given beside them. @param {Model} model */
function givenCheck({ self_check: { max_error: error, rows } }) {
  if (rows === 0) return null;
  return `attention by the rule differs from the attention given by at most ${atMost(error)} percentage points, over `
    + `${count(rows)} rows`;
}

/** @param {string} text */
function lower(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
