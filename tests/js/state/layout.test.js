import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cardStatistics, counterpart, defaultHead, headNumbers, layerRows, leadingPlaces, mainStatistics, neighbour,
  rowsWithGaps,
} from '../../../site_templates/src/state/layout.js';
import { known } from './known.js';

const rows = layerRows(known.heads('pair'));

test('layers without heads are gaps at their index', () => {
  const layers = [2, 3, 7].map((layer) => ({ stack: 'encoder', layer, heads: [] }));
  const places = (/** @type {number} */ count) => rowsWithGaps(layers, count)
    .map((row) => ('heads' in row ? row.layer : `${row.first}–${row.last}`));
  assert.deepEqual(places(8), ['0–1', 2, 3, '4–6', 7]);
  assert.deepEqual(places(10), ['0–1', 2, 3, '4–6', 7, '8–9']);
});

test('rows are layers, stacks one after another', () => {
  assert.deepEqual(rows.map(({ stack, layer, heads }) => [stack, layer, heads.length]), [
    ['encoder', 0, 2], ['encoder', 1, 1], ['cross', 0, 2],
  ]);
});

test('stacks stay together, layers in order, however the heads are listed', () => {
  const heads = [
    { stack: 'decoder', layer: 0, head: 0 },
    { stack: 'cross', layer: 0, head: 0 },
    { stack: 'decoder', layer: 2, head: 1 },
    { stack: 'cross', layer: 2, head: 0 },
    { stack: 'decoder', layer: 2, head: 4 },
  ];
  const layers = layerRows(heads);
  const names = layers.map(({ stack, layer }) => `${stack} ${layer}`);
  assert.deepEqual(names, ['decoder 0', 'decoder 2', 'cross 0', 'cross 2']);
  assert.deepEqual(headNumbers(layers), [0, 1, 4]);
});

test('a head has its counterpart in another model, in the stack of its name where there is one', () => {
  const from = (model, id) => known.head(model, id);
  assert.equal(counterpart(known.heads('pair'), from('mini', 'L0H1'))?.id, 'encoder.L0H1');
  assert.equal(counterpart(known.heads('pair'), from('pair', 'cross.L0H1'))?.id, 'cross.L0H1');
  assert.equal(counterpart(known.heads('mini'), from('pair', 'cross.L0H1'))?.id, 'L0H1');
  assert.equal(counterpart(known.heads('pair'), from('mini', 'L1H2')), undefined);
  assert.equal(counterpart(known.heads('pair'), undefined), undefined);
});

test('figures that a head does not have are not among its main ones', () => {
  const model = known.model('mini');
  const statistics = { entropy: 1, distance: null, previous: null, first: 0.3 };
  const head = { ...known.head('mini', 'L0H0'), statistics };
  assert.deepEqual(mainStatistics(model, head).map(({ name }) => name), ['entropy', 'first']);
});

test('steps go to neighbours, over stacks, and stop at the edges', () => {
  const step = (id, across, down) => neighbour(rows, id, across, down)?.id;
  assert.equal(step('encoder.L0H0', 1, 0), 'encoder.L0H1');
  assert.equal(step('encoder.L0H1', 1, 0), undefined);
  assert.equal(step('encoder.L0H0', -1, 0), undefined);
  assert.equal(step('encoder.L0H0', 0, -1), undefined);
  assert.equal(step('encoder.L1H0', 0, 1), 'cross.L0H0');
  assert.equal(step('cross.L0H0', 0, 1), undefined);
  assert.equal(step('no such head', 1, 0), undefined);
});

test('a shorter row gives its last head', () => {
  assert.equal(neighbour(rows, 'encoder.L0H1', 0, 1)?.id, 'encoder.L1H0');
});

test('the main figures end with the largest share', () => {
  const model = known.model('mini');
  const names = (id) => mainStatistics(model, known.head('mini', id)).map(({ name }) => name);
  assert.deepEqual(names('L0H0'), ['entropy', 'distance', 'first']);
  assert.deepEqual(names('L1H1'), ['entropy', 'distance', 'previous']);
});

test('a model without heads has no default', () => {
  assert.equal(defaultHead(undefined, []), '');
});

const shareOf = (name) => ({ name, title: name, unit: 'share', description: '' });
const nats = { name: 'entropy', title: 'Entropy', unit: 'nats', description: '' };

test('the places that a head attends to most, with or without a label', () => {
  const model = { statistics: [nats, shareOf('evenness'), shareOf('first'), shareOf('next'), shareOf('punctuation')] };
  const places = (statistics) => leadingPlaces(model, { statistics })
    .map(({ statistic, share }) => [statistic.name, share]);
  assert.deepEqual(places({ entropy: 2, evenness: 0.9, first: 0.2, next: 0.43, punctuation: 0.1 }),
    [['next', 0.43], ['first', 0.2]], 'the two largest, and no share of another kind');
  assert.deepEqual(places({ first: 0.04, next: null }), [], 'nothing that is hardly there');
});

test('places leave out what rests, and what rests is a share beside them', () => {
  const model = { statistics: [nats, ...['first', 'next', 'rest', 'awake_next', 'awake_self'].map(shareOf)] };
  const sunk = { entropy: 1, first: 0.8, next: 0.1, rest: 0.8, awake_next: 0.5, awake_self: 0.3 };
  const names = (statistics) => leadingPlaces(model, { statistics }).map(({ statistic }) => statistic.name);
  assert.deepEqual(names(sunk), ['awake_next', 'rest']);
  assert.deepEqual(names({ ...sunk, rest: 0.05 }), ['awake_next', 'awake_self'], 'too little to say');
  assert.deepEqual(names({ ...sunk, awake_next: null, awake_self: null }), ['rest']);
  const figures = (statistics) => cardStatistics(model, { statistics }).map(({ name }) => name);
  assert.deepEqual(figures(sunk), ['entropy', 'awake_next', 'rest']);
  assert.deepEqual(figures({ entropy: 1, rest: 0.99 }), ['entropy', 'rest'], 'once where nothing else is said');
  assert.deepEqual(figures({ entropy: 1, first: 0.8, next: 0.1 }), ['entropy', 'first'], 'a report without it');
});

test('the head to begin with has a plain job and a map with a shape', () => {
  const model = { statistics: [nats, shareOf('previous'), shareOf('next')] };
  const heads = [
    { id: 'L0H0', statistics: { entropy: 0.04, previous: 0.95, next: 0 } },
    { id: 'L0H1', statistics: { entropy: 2, previous: 0.3, next: 0.1 } },
    { id: 'L1H0', statistics: { entropy: 0.8, previous: 0, next: 0.68 } },
  ];
  assert.equal(defaultHead(model, heads), 'L1H0');
  assert.equal(defaultHead(model, heads.slice(0, 1)), 'L0H0', 'where there is no other');
});
