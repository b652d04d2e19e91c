import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../site_templates/src/data/digest.js';

/** From FIPS 180-4: "abc", and the empty message. */
const KNOWN = [
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
];

test('SHA-256 with crypto.subtle, and without it as on plain http', async () => {
  const property = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  for (const subtle of [true, false]) {
    if (!subtle) Object.defineProperty(globalThis, 'crypto', { configurable: true, value: {} });
    for (const [text, digest] of KNOWN) assert.equal(await sha256Hex(new TextEncoder().encode(text)), digest);
  }
  Object.defineProperty(globalThis, 'crypto', property);
});
