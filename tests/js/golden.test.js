/**
 * The golden reports of tests/fixtures/golden, built from tiny models of every kind: what this reader finds in them is
 * what Python's reader found (expected.json). tests/contract/test_golden.py holds Python's to the same.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openReport } from '../../site_templates/src/data/report.js';
import { openManifest } from '../../site_templates/src/data/tables.js';

const GOLDEN = new URL('../fixtures/golden/', import.meta.url);
/** Python's rows are float32: half a unit in their last place, twice over, is far below this. */
const AGREEMENT = 1e-6;
const cases = readdirSync(GOLDEN, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

async function open(name) {
  const folder = new URL(`${name}/`, GOLDEN);
  const read = (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  const requests = [];
  const fetchBytes = async (path) => {
    requests.push(path);
    return new Uint8Array(await readFile(new URL(path, folder)));
  };
  const manifest = await openManifest(read('manifest.json'), fetchBytes);
  const report = openReport({ manifest, base: 'http://localhost/', fetchBytes });
  return { manifest, expected: read('expected.json').models, report, requests };
}

/** A value without keys that say nothing: absent, null and empty are alike. */
function withoutNothing(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return Array.isArray(value) ? value.map(withoutNothing) : value;
  }
  const isNothing = (item) => item === null || (typeof item === 'object' && Object.keys(item).length === 0);
  return Object.fromEntries(Object.entries(value)
    .map(([key, item]) => [key, withoutNothing(item)]).filter(([, item]) => !isNothing(item)));
}

/** Calls back with every record of one kind, of every model of every case. */
async function each(kind, check) {
  let records = 0;
  for (const name of cases) {
    const { expected, report } = await open(name);
    for (const model of expected) {
      for (const [at, record] of model[kind].entries()) {
        await check({ report, model: model.name, record, at, where: `${name}, ${model.name}, ${kind} ${at}` });
        records += 1;
      }
    }
  }
  return records;
}

function assertClose(values, expected, tolerance, where) {
  assert.equal(values.length, expected.length, where);
  expected.forEach((value, i) => {
    const close = value === null ? Number.isNaN(values[i]) : Math.abs(values[i] - value) <= tolerance;
    assert.ok(close, `${where}, entry ${i}: ${values[i]}, not ${value}`);
  });
}

test('every kind of encoding, mask, bias and stack is among the golden reports', async () => {
  const manifests = (await Promise.all(cases.map(open))).map(({ manifest }) => manifest);
  const models = manifests.flatMap((manifest) => manifest.models);
  const shards = manifests.flatMap((manifest) => Object.values(manifest.shards));
  const kinds = (values) => [...new Set(values)].sort();
  assert.deepEqual(kinds(shards.flatMap(({ encoding }) => encoding ?? [])), [
    'dense-uint16', 'dense-uint8', 'query-key-float32', 'query-key-int16', 'query-key-int8', 'query-key-packed',
  ]);
  const masks = models.flatMap(({ rules }) => rules.map(({ mask }) => mask.kind));
  assert.deepEqual(kinds(masks), ['band', 'causal', 'full', 'intervals']);
  assert.deepEqual(kinds(models.flatMap(({ stacks }) => stacks.map(({ kind }) => kind))), ['cross', 'self']);
  assert.deepEqual(kinds(models.flatMap(({ biases }) => biases.map(({ kind }) => kind))), ['relative', 'table']);
  assert.ok(models.some(({ rules }) => rules.some(({ softcap }) => softcap !== null)));
  assert.ok(models.some(({ heads }) => heads.some(({ sink }) => sink !== null)));
  assert.ok(models.some(({ stacks }) => stacks.some(({ heads, kv_heads: shared }) => heads > shared)));
  assert.ok(models.some(({ captures }) => captures.some(({ vectors, reason }) => !vectors && reason)));
  assert.ok(manifests.some((manifest) => manifest.models.length > 1));
});

test('of heads the same is said', async () => {
  const heads = await each('figures', async ({ report, model, record, at, where }) => {
    const head = report.heads(model)[at];
    const known = { ...await report.details(model, head), id: null, stackInfo: null };
    assert.ok(report.known(model, head), where);
    assert.deepEqual(withoutNothing(known), withoutNothing(record), where);
  });
  assert.ok(heads > 30);
});

test('what only one head’s panel shows is loaded with its layer, once', async () => {
  const { report, manifest, requests } = await open('cross');
  const { name } = manifest.models[0];
  const of = (layer) => report.heads(name).filter((head) => head.layer === layer && head.stack === 'decoder');
  assert.ok(of(0).every((head) => report.known(name, head) === undefined && head.offsets === undefined));
  await Promise.all(of(0).map((head) => report.details(name, head)));
  assert.ok(of(0).every((head) => report.known(name, head) === head && head.offsets.length === 33));
  assert.ok(report.heads(name).some((head) => report.known(name, head) === undefined), 'other layers have not come');
  assert.equal(requests.filter((path) => path.startsWith('data/head-details-')).length, 1);
});

test('heads have the same names', async () => {
  const heads = await each('heads', ({ report, model, record, at, where }) => {
    assert.equal(report.heads(model)[at].id, record, where);
  });
  assert.ok(heads > 20);
});

test('documents and tokens are the same', async () => {
  await each('documents', async ({ report, model, record, at, where }) => {
    const documents = await report.documents();
    assert.deepEqual([documents.title(at), documents.text(at)], [record.title, record.text], where);
    for (const [axis, expected] of Object.entries(record.axes)) {
      const tokens = await report.tokens(model, axis, at);
      const { texts, special, ids, segment, row, column } = tokens;
      const crop = tokens.crop && ['left', 'top', 'right', 'bottom'].map((edge) => tokens.crop[edge]);
      const surfaces = texts.map((_, token) => tokens.surface(token));
      const plain = { ids: [...ids], segment: [...segment], row: [...row], column: [...column] };
      assert.deepEqual({ ...plain, special, texts, surfaces, crop }, expected, `${where}, ${axis}`);
    }
  });
});

test('attention rows agree with Python’s, and columns with the rows', async () => {
  const rows = await each('attention', async ({ report, model, record, where }) => {
    const attention = await report.attention(model, record.head, record.document);
    assert.deepEqual([attention.queries, attention.keys], record.shape, where);
    for (const [query, expected] of Object.entries(record.rows)) {
      assertClose(attention.row(Number(query)), expected, AGREEMENT, `${where}, row ${query}`);
    }
    const matrix = Array.from({ length: attention.queries }, (_, query) => attention.row(query)); // (query, key)
    for (let key = 0; key < attention.keys; key++) {
      const column = matrix.map((row) => row[key]);
      assertClose(attention.column(key), column, 1e-12, `${where}, column ${key}`);
    }
    matrix.forEach((row, query) => {
      // A row and what it leaves for a sink are 1; dense codes store what a row sums to in float32.
      const sum = row.reduce((all, p) => all + p, attention.sinkShare(query));
      assert.ok(Number.isNaN(sum) || Math.abs(sum - 1) < 1e-6, `${where}, sum of row ${query} is ${sum}`);
    });
  });
  assert.ok(rows > 60);
});

test('maps put tokens at the same places', async () => {
  await each('maps', async ({ report, model, record, where }) => {
    const map = await report.map(model, record.head, record.map);
    const { query_axis: queryAxis, key_axis: keyAxis } = report.head(model, record.head).stackInfo;
    for (const [side, axis] of [[0, queryAxis], [1, keyAxis]]) {
      const point = (await report.sample(model, axis)).indexOf(record.tokens[side]);
      const codes = side === 0 ? map.queries : map.keys;
      const place = Array.from(map.lo, (lo, c) => lo + codes[point * map.dimensions + c] / 65535 * (map.hi[c] - lo));
      assertClose(place, record.places[side], 1e-5, where);
    }
  });
});

test('examples are the same, band by band', async () => {
  const heads = await each('examples', async ({ report, model, record, where }) => {
    const bands = await report.examples(model, record.head);
    const rows = bands.flatMap(({ low, high, pairs, share, attention, drawn }, band) => (
      drawn.map(({ document, query, key, weight }) => (
        { band, low, high, count: pairs, share, attention, document, query, key, weight }))));
    assert.deepEqual(Object.keys(rows[0]), record.columns);
    assert.equal(rows.length, record.rows.length, where);
    rows.forEach((row, i) => assertClose(Object.values(row), record.rows[i], 1e-9, `${where}, row ${i}`));
    assert.ok(report.hasExamples(model, report.head(model, record.head)));
  });
  assert.ok(heads > 30);
});

test('a model that does not take a document has no tokens and no attention there', async () => {
  const { report, manifest } = await open('cross');
  for (const { name, axes, heads } of manifest.models) {
    const layout = await report.axis(name, axes[0].name);
    const untaken = [...layout.lengths].flatMap((length, document) => (length === 0 ? document : []));
    assert.ok(untaken.length > 0 && untaken.length < layout.lengths.length, name);
    for (const { id } of report.heads(name).slice(0, heads.length)) {
      const attention = await report.attention(name, id, untaken[0]);
      assert.deepEqual([attention.queries, attention.keys], [0, 0], `${name}, ${id}`);
    }
  }
});

test('a head of which only attention was captured has an empty cell in the overview', async () => {
  const { report, manifest } = await open('attention-only');
  const [{ name, heads }] = manifest.models;
  assert.ok(heads.every(({ maps }) => Object.keys(maps).length === 0));
  const cells = await report.overview(name);
  assert.equal(cells.length, heads.length);
  assert.ok(cells.every(({ queries, keys }) => queries.length === 0 && keys.length === 0));
});

test('images are PNGs of the size that is stored', async () => {
  const { report, manifest } = await open('pictures');
  for (let document = 0; document < manifest.documents.count; document++) {
    const { url, width, height } = await report.image(document);
    const png = Buffer.from(await (await fetch(url)).arrayBuffer());
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [width, height]);
  }
});
