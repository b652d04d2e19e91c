/** Several models in one report, and several stacks in one model. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemory } from './memory.js';
import { LENGTHS } from './report-fixture.js';
import { assertAttention } from './single.js';

/** Adds a model with the first one's heads: layer 1 is another stack, called cross. */
function addSecond({ manifest }) {
  const [toy] = manifest.models;
  const [encoder] = toy.stacks;
  const place = (stack, layer) => (layer === 1 ? { stack: 'cross', layer: 0 } : { stack, layer });
  manifest.models.push({
    ...toy, name: 'second',
    stacks: [encoder, { ...encoder, name: 'cross', kind: 'cross' }],
    heads: toy.heads.map((head) => ({ ...head, ...place(head.stack, head.layer) })),
  });
  for (const [id, entry] of Object.entries({ ...manifest.shards })) {
    if (entry.layer === undefined) continue;
    manifest.shards[`${id}-second`] = { ...entry, model: 'second', ...place(entry.stack, entry.layer) };
  }
}

test('a head is named after its stack where there are several', () => {
  const { report } = openMemory({ spoil: addSecond });
  assert.deepEqual(report.models.map(({ name }) => name), ['toy', 'second']);
  assert.equal(report.heads('toy')[4].id, 'L1H0');
  const ids = report.heads('second').map(({ id }) => id);
  assert.deepEqual(ids.slice(3, 6), ['encoder.L0H3', 'cross.L0H0', 'cross.L0H1']);
  assert.equal(report.head('second', 'cross.L0H1').stackInfo.kind, 'cross');
  assert.equal(report.head('second', 'L0H1'), undefined);
});

test('each model and stack has its own attention and maps', async () => {
  const { report, truth } = openMemory({ spoil: addSecond });
  const cross = await report.attention('second', 'cross.L0H2', 2);
  assert.deepEqual([cross.queries, cross.encoding], [LENGTHS[2], 'query-key-int8']);
  assertAttention(assert, cross, truth.get('L1H2 2'), 1e-12);
  assert.equal((await report.attention('second', 'encoder.L0H2', 2)).encoding, 'dense-uint8');
  assert.equal((await report.map('second', 'cross.L0H2', 'pca-2d')).queries[0], 2000);
  await assert.rejects(report.attention('second', 'cross.L1H0', 2), /second has no head cross\.L1H0/);
});
