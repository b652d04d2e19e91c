import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedRank, placeInWords, seriesOf, statisticsOf } from '../../../site_templates/src/state/series.js';

const column = (name) => ({ name, title: name, unit: '', description: '' });
const model = (name, step, ...columns) => ({
  name, statistics: columns.map(column), ...step === null ? {} : { series: { step } },
});
const head = (statistics) => ({ statistics });

test('a series is the models that have a step', () => {
  const models = [model('a', 0), model('other', null), model('b', 64000), model('c', 64000.5)];
  const series = seriesOf(models);
  assert.deepEqual(series.map(({ name }) => name), ['a', 'b', 'c']);
  assert.equal(placeInWords(series, 1), 'step 64,000, 2 of 3');
  assert.equal(placeInWords(series, 2), 'step 64,000.5, 3 of 3');
});

test('heads are numbered by how far they moved', () => {
  const heads = [0.1, 0.3, 0.3, null].map((divergence) => head({ divergence }));
  assert.deepEqual(heads.map((each) => movedRank(heads, each)), [3, 1, 1, null]);
});

test('a statistic that only later models have is one of the series', () => {
  const series = [model('a', 0, 'entropy', 'sink'), model('b', 1, 'entropy', 'divergence')];
  const heads = [head({ entropy: 1, sink: null }), head({ entropy: 2, divergence: 0 })];
  assert.deepEqual(statisticsOf(series, heads).map(({ name }) => name), ['entropy', 'divergence']);
});
