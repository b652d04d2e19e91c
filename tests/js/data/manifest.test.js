import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkManifest, checkReferences } from '../../../site_templates/src/data/manifest.js';

const FIXTURES = new URL('../../fixtures/', import.meta.url);
const golden = readdirSync(new URL('golden/', FIXTURES), { withFileTypes: true })
  .filter((entry) => entry.isDirectory());
const paths = ['frozen/format-1/', ...golden.map(({ name }) => `golden/${name}/`)];
const read = (path) => JSON.parse(readFileSync(new URL(`${path}manifest.json`, FIXTURES), 'utf8'));

test('every manifest that was ever written passes', () => {
  for (const path of paths) assert.doesNotThrow(() => checkManifest(read(path)), path);
});

test('the first thing that is not so is named by its place', () => {
  const cases = [
    [(manifest) => delete manifest.title, /title is missing/],
    [(manifest) => (manifest.title = 3), /title is no text/],
    [(manifest) => (manifest.documents.count = 3.5), /documents\.count is no integer/],
    [(manifest) => (manifest.documents.count = 1e9), /documents\.count is 1000000000, its shards have/],
    [(manifest) => (manifest.models[0].heads[0].certificate.max_error = NaN), /heads\.0\.certificate\.max_error is no/],
    [(manifest) => (manifest.models[0].heads[0].rule = 99), /L0H0 names rule 99 of/],
    [(manifest) => (manifest.models[0].heads[1].head = 0), /two heads have one name/],
    [(manifest) => (manifest.models[1].name = manifest.models[0].name), /two have one name/],
    [(manifest) => manifest.models[0].heads[0].encodings.push('dense-uint8'), /encodings for/],
    [(manifest) => (manifest.models[0].axes[0].tokens += 1), /tokens, its shards have/],
    [(manifest) => manifest.documents.shards.push('constructor'), /shard constructor that is not there/],
    [(manifest) => (manifest.models = []), /models: there is none/],
  ];
  for (const [change, words] of cases) {
    const manifest = read('frozen/format-1/');
    change(manifest);
    const check = () => checkReferences(checkManifest(manifest));
    assert.throws(check, (error) => error.name === 'DataError' && words.test(error.message));
  }
  for (const other of [null, [], 'text', 7]) assert.throws(() => checkManifest(other), /not part of an attnviz report/);
});
