/**
 * A report made by anybody: its manifest and its shards changed at random, with hashes that are right. Whatever is
 * asked of it then comes back as it should be, or with a DataError that names a file; nothing hangs, and nothing else
 * is thrown.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openReport } from '../../site_templates/src/data/report.js';
import { openManifest } from '../../site_templates/src/data/tables.js';
import { seeded } from './data/fixture.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);
/** A report of format 1, and one whose manifest has tables. */
const REPORTS = ['frozen/format-1/', 'golden/cross/'].map(readReport);
const MANIFESTS = 600;
const SHARDS = 600;
const PATIENCE_MS = 5000;

/** A report's manifest, and its files in data/ by path. @param {string} name */
function readReport(name) {
  const folder = new URL(name, FIXTURES);
  const paths = readdirSync(new URL('data/', folder)).filter((file) => file.endsWith('.arrow')).sort();
  return {
    name, real: JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')),
    files: new Map(paths.map((path) => [`data/${path}`, readFileSync(new URL(`data/${path}`, folder))])),
  };
}

const WRONG = [
  null, true, false, -1, 0, 1, 2, 0.5, 999, 2 ** 31, 2 ** 53, 1e308, Infinity, NaN, '', '\0', '\ud800', '..',
  '../x.arrow', 'https://example.org/', 'x'.repeat(5000), [], [[]], [null], {}, { a: {} }, '__proto__', 'constructor',
  undefined,
];

/** Every value's place: the object that holds it, and its key there. */
function* places(part) {
  for (const key of Object.keys(part)) {
    yield [part, key];
    if (typeof part[key] === 'object' && part[key] !== null) yield* places(part[key]);
  }
}

/** Asks a report for everything that the views ask for. Fails unless each answer fits or is a DataError. */
async function readAll(manifest, bytesOf) {
  const fetchBytes = async (path) => {
    assert.match(path, /^data\/[\w.-]+\.arrow$/);
    return new Uint8Array(bytesOf(path) ?? []);
  };
  let checked;
  try {
    checked = await openManifest(manifest, guarded(fetchBytes));
  } catch (error) {
    assertFault(error);
    return 'refused';
  }
  const report = openReport({ manifest: checked, base: 'http://localhost/', fetchBytes: guarded(fetchBytes) });
  const outcomes = [];
  const ask = async (question) => {
    try {
      await question();
      outcomes.push('read');
    } catch (error) {
      assertFault(error);
      outcomes.push('fault');
    }
  };
  await ask(async () => readDocuments(await report.documents()));
  for (const model of checked.models) {
    await ask(async () => {
      for (const { id } of await report.overview(model.name)) assert.ok(report.head(model.name, id));
    });
    for (const axis of model.axes) await askAxis(report, model.name, axis, checked.documents.count, ask);
    for (const head of report.heads(model.name)) await askHead(report, model.name, head, checked.documents.count, ask);
  }
  return outcomes.includes('fault') ? 'fault' : 'read';
}

/** As the transport does: paths that lead out of the report are never asked for. */
function guarded(fetchBytes) {
  return async (path) => {
    const { resolve } = await import('../../site_templates/src/data/transport.js');
    resolve(path, 'http://localhost/');
    return fetchBytes(path);
  };
}

function readDocuments(documents) {
  for (let document = 0; document < documents.count; document++) {
    const error = documents.error(document);
    if (error) throw error;
    for (const name of ['title', 'text']) assert.equal(typeof documents[name](document), 'string');
  }
}

async function askAxis(report, model, { name, tokens: total, sample }, count, ask) {
  await ask(async () => assert.equal((await report.tokenIds(model, name)).length, total));
  await ask(async () => {
    const sampled = await report.sample(model, name);
    const axis = await report.axis(model, name);
    assert.equal(sampled.length, sample.count);
    for (const place of sampled) axis.locate(place);
  });
  for (let document = 0; document < Math.min(count, 3); document++) {
    await ask(() => report.image(document));
    await ask(async () => {
      const [tokens, { lengths }] = [await report.tokens(model, name, document), await report.axis(model, name)];
      for (const list of [tokens.texts, tokens.ids, tokens.special]) assert.equal(list.length, lengths[document]);
      tokens.texts.forEach((text, token) => assert.equal(typeof (text + tokens.surface(token)), 'string'));
    });
  }
}

async function askHead(report, model, head, count, ask) {
  const { query_axis: queries, key_axis: keys } = head.stackInfo;
  for (const id of Object.keys(head.maps)) {
    await ask(async () => {
      const map = await report.map(model, head.id, id);
      const points = await report.sample(model, queries);
      assert.equal(map.queries.length, points.length * map.dimensions);
    });
  }
  for (let document = 0; document < Math.min(count, 3); document++) {
    await ask(() => report.lengths(model, head.id, document));
    await ask(async () => {
      const attention = await report.attention(model, head.id, document);
      const [rows, columns] = [(await report.axis(model, queries)).lengths, (await report.axis(model, keys)).lengths];
      assert.deepEqual([attention.queries, attention.keys], [rows[document], columns[document]]);
      if (attention.queries) assert.equal(attention.row(attention.queries - 1).length, attention.keys);
      if (attention.keys) assert.equal(attention.column(0).length, attention.queries);
    });
  }
}

function assertFault(error) {
  if (error.name !== 'DataError') throw error;
  assert.ok(error.path && error.message.length > 20, error.message);
}

/** Fails where it takes too long: a number that is not so must not be believed as a size. */
async function inTime(what, where) {
  const started = performance.now();
  const outcome = await what.catch((error) => {
    throw new Error(`${where}: ${error.stack}`);
  });
  assert.ok(performance.now() - started < PATIENCE_MS, `${where} took too long`);
  return outcome;
}

/** Seeded numbers in [0, 1). */
function uniform(seed) {
  const random = seeded(seed);
  return () => (random() + 1) / 2;
}

const pick = (random, list) => list[Math.floor(random() * list.length)];

for (const { name, real, files } of REPORTS) {
  test(`${name} itself is read without a fault`, async () => {
    assert.equal(await readAll(structuredClone(real), (path) => files.get(path)), 'read');
  });

  test(`${MANIFESTS} manifests of ${name} with values of other types, sizes and names`, async () => {
    const random = uniform(11);
    const outcomes = {};
    for (let example = 0; example < MANIFESTS; example++) {
      const manifest = structuredClone(real);
      const changed = [];
      for (let change = 0; change <= example % 3; change++) {
        const [part, key] = pick(random, [...places(manifest)]);
        const wrong = pick(random, [...WRONG, ...Object.keys({ ...real.shards, ...real.tables }).slice(0, 5)]);
        if (random() < 0.15 || wrong === undefined) delete part[key];
        else part[key] = wrong;
        changed.push(`${key}: ${String(JSON.stringify(wrong)).slice(0, 40)}`);
      }
      const outcome = await inTime(readAll(manifest, (path) => files.get(path)),
        `manifest ${example} (${changed.join('; ')})`);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    assert.ok(outcomes.refused > MANIFESTS / 2, JSON.stringify(outcomes));
  });

  test(`${SHARDS} shards of ${name} with bytes that are none of theirs`, async () => {
    const random = uniform(12);
    const outcomes = {};
    const entries = { ...real.shards, ...real.tables };
    for (let example = 0; example < SHARDS; example++) {
      const manifest = structuredClone(real);
      const id = pick(random, Object.keys(entries));
      const entry = { ...manifest.shards, ...manifest.tables }[id];
      const bytes = spoil(Buffer.from(files.get(entry.path)), random);
      Object.assign(entry, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      const read = (path) => (path === entry.path ? bytes : files.get(path));
      const outcome = await inTime(readAll(manifest, read), `shard ${example} (${entry.path})`);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    assert.ok((outcomes.fault ?? 0) + (outcomes.refused ?? 0) > SHARDS / 5, JSON.stringify(outcomes));
  });
}

/** Bytes overwritten, words of 32 bits set to far numbers, or an end that is missing. */
function spoil(bytes, random) {
  if (random() < 0.1) return bytes.subarray(0, Math.floor(random() * bytes.length));
  for (let change = 0; change < 1 + random() * 3; change++) {
    const at = Math.floor(random() * (bytes.length - 4));
    if (random() < 0.5) bytes[at] ^= 1 << Math.floor(random() * 8);
    else bytes.writeInt32LE(pick(random, [-1, 0, 1, 2 ** 30, -(2 ** 30), 2 ** 31 - 1, 255]), at - (at % 4));
  }
  return bytes;
}
