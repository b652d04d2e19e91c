import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../site_templates/', import.meta.url);

test('the lock file names no registry, and the package no floating version', () => {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8'));
  const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved).map(([name]) => name);
  assert.deepEqual(resolved, [], 'run npm install in site_templates, where .npmrc leaves registries out');
  const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
  }
});
