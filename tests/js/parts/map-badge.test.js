import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beliefOf } from '../../../site_templates/src/parts/map-badge.js';

const model = {
  maps: [
    { id: 'attention-3d', method: 'attention', title: 'Attention map, 3-D' },
    { id: 'pca-2d', method: 'pca', title: 'PCA, 2-D' },
  ],
};
const head = {
  limits: ['part of each row goes to a sink'],
  maps: {
    'attention-3d': { top3_mass: 0.948, rank: -0.65, rows: 2554 },
    'pca-2d': { top3_mass: 0.31, rank: -0.1, rows: 9, explained: 0.19, trustworthiness: 0.75 },
  },
};

test('a map made from attention is believed as far as it was measured', () => {
  const belief = beliefOf(model, head, 'attention-3d');
  assert.match(belief.title, /carry 94.% of what any three could/);
  assert.match(belief.text, /Attention map, 3-D.*−0\.65.*2,554 queries/);
  assert.deepEqual([belief.share, belief.doubtful, belief.limits], [0.948, false, []]);
});

test('a picture of a space tells its limits, and how much of the space it keeps', () => {
  const belief = beliefOf(model, head, 'pca-2d');
  assert.equal(belief.doubtful, true);
  assert.deepEqual(belief.limits, head.limits);
  assert.match(belief.text, /keeps 19\.0.% of the variance.*trustworthiness.*0\.75/);
});

test('what is not known is said, and what is not there has no badge', () => {
  const belief = beliefOf(model, { maps: { 'pca-2d': { top3_mass: null, explained: 1 } } }, 'pca-2d');
  assert.match(belief.title, /not known/);
  assert.match(belief.text, /three keys.*keeps 100.%/);
  assert.deepEqual([belief.share, belief.limits], [null, []]);
  assert.equal(beliefOf(model, { maps: {} }, 'pca-2d'), undefined);
});
