import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tintHeads } from '../../../site_templates/src/views/heads/tint.js';
import { pointsInWords } from '../../../site_templates/src/views/heads/points-tools.js';
import { heads, model } from '../state/heads-known.js';

const PAGE = [251, 250, 248];

test('layers have the colours of a scale, the same in each layer', () => {
  const { of } = tintHeads(model, heads, 'layer', PAGE);
  assert.equal(of(heads[0]), of(heads[1]));
  assert.notEqual(of(heads[0]), of(heads[3]));
});

test('first labels have colours that differ, none has none', () => {
  const { of } = tintHeads(model, heads, 'label', PAGE);
  assert.equal(of(heads[1]), of(heads[4]));
  assert.notEqual(of(heads[1]), of(heads[3]));
  assert.equal(of(heads[0]), null);
});

test('a column has the colours of a scale over all heads, what has no value none', () => {
  const { of } = tintHeads(model, heads, 'entropy', PAGE);
  const values = heads.map((head) => head.statistics.entropy ?? null);
  for (const [number, head] of heads.entries()) {
    const alike = values.findIndex((value) => value === values[number]);
    assert.equal(of(head), values[number] === null ? null : of(heads[alike]));
  }
  assert.equal(new Set(heads.map(of)).size, new Set(values).size);
});

const layout = { stacks: ['encoder'], documents: 126, rows: 1997, stress: 0.29, rank: 0.83 };

test('how far the map may be believed is said in words', () => {
  const say = (rank, points = [1, 2, 3]) => pointsInWords('likeness', {
    points, missing: 0, layout: { ...layout, rank },
  });
  assert.match(say(0.83), /over 1,997 queries of 126 documents.*true at large and rough in detail.*0\.83.*0\.29/);
  assert.doesNotMatch(say(0.83), /±/);
  const sampled = { ...layout, rank_standard_error: 0.004, stress_standard_error: 0.002 };
  assert.match(pointsInWords('likeness', { points: [1, 2, 3], missing: 0, layout: sampled }),
    /0\.83 ± 0\.0040 \(1 is perfect\) and a stress of 0\.29 ± 0\.0020/);
  assert.match(say(0.97), /may be trusted/);
  assert.match(say(-0.1), /misleads in places.*−0\.10/);
  assert.match(say(null), /was not measured/);
  const points = [0.002, 0.0041, 0.003].map((error) => ({ head: { alike: [{ standard_error: error }] } }));
  assert.match(pointsInWords('likeness', { points, missing: 0, layout: { ...layout, sampled: true } }),
    /a sample in which each has the same chance; the standard error of a distance .* is at most 0\.0041/);
  assert.match(pointsInWords('likeness', { points: [], missing: 0 }), /no layout/);
  assert.match(pointsInWords('points', { points: [], missing: 1 }), /1 head without such a value is left out/);
});
