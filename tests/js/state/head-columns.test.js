import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  barOf, chosenColumns, columnsOf, scaleOf, usualColumns,
} from '../../../site_templates/src/state/head-columns.js';
import { heads, model } from './heads-known.js';

const column = (name) => columnsOf(model).find((candidate) => candidate.name === name);

test('there is a column for each statistic, for what is stored, and for each map', () => {
  const names = columnsOf(model).map(({ name }) => name);
  assert.deepEqual(names.slice(0, 4), ['entropy', 'distance', 'previous', 'agreement:part  of speech']);
  for (const name of ['stored.total_variation', 'attention-2d.top3_mass', 'attention-2d.rank']) {
    assert.ok(names.includes(name), name);
  }
});

test('values are the manifest’s, null where there are none', () => {
  assert.deepEqual(heads.map(column('entropy').value), [2, 0.5, null, 3, 0.5]);
  assert.equal(column('stored.total_variation').value(heads[0]), 0.001);
  assert.equal(column('attention-2d.top3_mass').value(heads[0]), 0.9);
  assert.equal(column('attention-2d.top3_mass').value(heads[2]), null);
  // The comma is gone from the column's name, not from where its value is looked up.
  assert.equal(column('agreement:part  of speech').value(heads[0]), -0.2);
});

test('the usual columns are a few that tell heads apart; a link may name others', () => {
  assert.deepEqual(usualColumns(model), [
    'entropy', 'distance', 'previous', 'stored.total_variation', 'attention-2d.top3_mass',
  ]);
  assert.deepEqual(chosenColumns(model, '').map(({ name }) => name), usualColumns(model));
  const chosen = chosenColumns(model, 'stored.top1,entropy,magic');
  assert.deepEqual(chosen.map(({ name }) => name), ['entropy', 'stored.top1']);
});

test('a model with none of the telling statistics shows the first that it has', () => {
  const odd = { ...model, statistics: [{ name: 'oddity', title: 'Oddity', unit: '', description: '' }], maps: [] };
  assert.deepEqual(usualColumns(odd), ['oddity', 'stored.total_variation']);
});

test('bars begin at zero, to the left where a value is negative', () => {
  assert.deepEqual(scaleOf(column('entropy'), heads), [0, 3]);
  assert.deepEqual(scaleOf(column('previous'), heads), [0, 1]);
  const scale = scaleOf(column('agreement:part  of speech'), heads);
  assert.deepEqual(scale, [-0.2, 0.6]);
  const near = (ends, expected) => {
    assert.ok(ends.every((end, i) => Math.abs(end - expected[i]) < 1e-12), `${ends} is not ${expected}`);
  };
  near(barOf(-0.2, scale), [0, 0.25]);
  near(barOf(0.6, scale), [0.25, 1]);
  near(barOf(1.5, [0, 3]), [0, 0.5]);
  near(barOf(0, [0, 0]), [0, 0]);
});
