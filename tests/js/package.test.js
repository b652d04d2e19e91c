/** What the viewer is made with, and what it carries: locked, proved, licensed, and run only where it is called. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { licences, lockedPackages } from '../../site_templates/licences.js';

const ROOT = new URL('../../site_templates/', import.meta.url);
const read = (name) => readFileSync(new URL(name, ROOT), 'utf8');

test('the lock file names no registry, and the package no floating version', () => {
  const lock = JSON.parse(read('package-lock.json'));
  const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved).map(([name]) => name);
  assert.deepEqual(resolved, [], 'run npm install in site_templates, where .npmrc leaves registries out');
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
  }
});

test('each package of the lock file has its SHA-512', () => {
  const { packages } = JSON.parse(read('package-lock.json'));
  const names = Object.keys(packages).filter((path) => path);
  assert.ok(names.length > 50);
  for (const name of names) assert.match(packages[name].integrity ?? '', /^sha512-[A-Za-z0-9+/]{86}==$/, name);
});

test('no script of a package runs while it is installed', () => {
  assert.match(read('.npmrc'), /^ignore-scripts=true$/m, 'npm by hand');
  const calls = [read('../Makefile'), read('hatch_build.py')]
    .flatMap((text) => text.split('\n').filter((line) => /\$\(NPM\) |\["ci"/.test(line)));
  assert.equal(calls.length, 2);
  for (const call of calls) assert.match(call, /--ignore-scripts/);
});

test('licences.txt has the licence of each package that may be bundled', () => {
  assert.deepEqual(lockedPackages().map(({ name }) => name), ['@noble/hashes', '@uwdata/flechette']);
  assert.equal(read('licences.txt'), licences(), 'run node licences.js in site_templates');
});
