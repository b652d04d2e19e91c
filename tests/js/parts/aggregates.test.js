import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Overtaken } from '../../../site_templates/src/parts/aggregate-progress.js';
import { createAggregates } from '../../../site_templates/src/parts/aggregates.js';
import { joinedHeads, whyNoRollout, whyTooLong } from '../../../site_templates/src/parts/joined-heads.js';
import { allHeads } from '../../../site_templates/src/parts/aggregate-words.js';
import { openReport } from '../../../site_templates/src/data/report.js';
import { attentionBytes } from '../../../site_templates/src/data/cost.js';
import { buildReport } from '../data/report-fixture.js';

const names = (layers) => layers.map((layer) => layer.map(({ id }) => id));
const head = (stack, layer, number, axes = ['text', 'text']) => ({
  id: `${stack}.L${layer}H${number}`, stack, layer, head: number, stackInfo: { query_axis: axes[0], key_axis: axes[1] },
});

test('heads are joined within their stack, layers in order', () => {
  const heads = [head('decoder', 1, 0), head('decoder', 0, 0), head('decoder', 0, 1), head('cross', 0, 0)];
  assert.deepEqual(names(joinedHeads(heads, heads[1], 'layer')), [['decoder.L0H0', 'decoder.L0H1']]);
  assert.deepEqual(names(joinedHeads(heads, heads[0], 'rollout')), [
    ['decoder.L0H0', 'decoder.L0H1'], ['decoder.L1H0'],
  ]);
  assert.deepEqual(names(joinedHeads(heads, heads[3], 'all')), [['cross.L0H0']]);
});

test('rollout says where it cannot follow', () => {
  const model = { axes: [{ name: 'text' }, { name: 'stage1', places: 'places-0' }] };
  const stack = (...axes) => [0, 1].map(
    (layer) => ({
      ...head('encoder', layer, 0, axes),
      stackInfo: { query_axis: axes[0], key_axis: axes[1], layers: 2 },
    })
  );
  const plain = stack('text', 'text');
  assert.equal(whyNoRollout(model, plain, plain[0]), '');
  assert.match(whyNoRollout(model, plain.slice(1), plain[1]), /has 1 of 2/);
  assert.match(
    whyNoRollout(model, stack('text', 'source'), stack('text', 'source')[0]), /from one sequence to another/,
  );
  assert.match(whyNoRollout(model, stack('stage1', 'stage1'), stack('stage1', 'stage1')[0]), /within windows/);
});

test('a document that is too long says how far it goes', () => {
  assert.equal(whyTooLong(12, 1024), '');
  assert.match(whyTooLong(12, 2000), /has 2,000 tokens.*up to 1,024/);
  assert.match(whyTooLong(128, 600), /up to 512/);
});

const open = () => {
  const { files, manifest } = buildReport();
  return openReport({ manifest, base: 'http://localhost/', fetchBytes: async (path) => files.get(path) });
};
const asked = (report, aggregate) => ({ model: report.models[0].name, aggregate, residual: 0.5, discard: 0 });

test('a layer’s mean is the mean of its heads’ rows, messages while it is read, and read once', async () => {
  const report = open();
  const { name } = report.models[0];
  const layer = report.heads(name).filter((each) => each.layer === 0);
  const messages = [];
  const aggregates = createAggregates({ report });
  const mean = await aggregates.load(asked(report, 'layer'), layer[0], 2, (text) => messages.push(text), () => true);
  const rows = await Promise.all(layer.map(async ({ id }) => (await report.attention(name, id, 2)).row(3)));
  mean.row(3).forEach(
    (value, j) => assert.ok(Math.abs(value - rows.reduce((sum, row) => sum + row[j], 0) / layer.length) < 1e-12)
  );
  assert.match(messages[0], /Reading all 4 heads of layer 0 in this document: \d+ kB of files, 1 of 4 heads read\./);
  assert.equal(await aggregates.load(asked(report, 'layer'), layer[1], 2, assert.fail, () => true), mean);
});

test('files are counted once, however many heads are in them', () => {
  const { manifest } = buildReport();
  const { name } = manifest.models[0];
  const entries = Object.values(manifest.shards).filter(({ kind, layer }) => kind === 'attention' && layer === 0);
  assert.equal(attentionBytes(manifest, name, ['L0H0', 'L0H1', 'L0H2', 'L0H3'], 0, 0),
    entries.filter(({ documents }) => documents[0] <= 0 && documents[1] > 0).reduce((sum, { bytes }) => sum + bytes, 0),
  );
});

test('being overtaken is no failure of the report', () => {
  assert.ok(new Overtaken() instanceof Error);
});

test('of a model with several stacks it is said whose heads are all', () => {
  const heads = [head('decoder', 0, 0), head('decoder', 1, 0), head('cross', 0, 0)];
  assert.equal(allHeads(heads, heads[0]), 'all 2 heads of decoder');
  assert.equal(allHeads(heads, heads[2]), 'all 1 head of cross-attention');
  assert.equal(allHeads(heads.slice(0, 2), heads[0]), 'all 2 heads');
});
