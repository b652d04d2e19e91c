/** ESLint's rules as a test: what `make lint` forbids is seen in the viewer and in its tests. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILES = ['site_templates/src/draw/planted.js', 'tests/js/draw/planted.test.js'];

const { ESLint } = createRequire(new URL('../../site_templates/package.json', import.meta.url))('eslint');
const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: 'site_templates/eslint.config.js' });

/** The rules that a text breaks where it stands in a file. Whatever only warns would not fail `make lint`. */
async function brokenRules(text, file) {
  const [{ messages }] = await eslint.lintText(`${text}\n`, { filePath: file });
  return messages.filter(({ severity }) => severity === 2).map(({ ruleId, message }) => ruleId ?? message);
}

test('what breaks a rule is seen in the viewer and in its tests', async () => {
  const cases = [
    [`export const text = '${'x'.repeat(100)}';`, 'max-len'],
    [`export function long() {\n${'  long();\n'.repeat(99)}}`, 'max-lines-per-function'],
    ['export const held = 1;', 'id-denylist'],
    ['export const tokens = (rows) => rows.map((tokens) => tokens);', 'no-shadow'],
    ['export const equal = (a, b) => a == b;', 'eqeqeq'],
    ["export const name = (head) => 'H' + head;", 'prefer-template'],
    ["export const place = (el) => { el.innerHTML = ''; };", 'no-restricted-syntax'],
    ["export const place = (el) => el.insertAdjacentHTML('beforeend', '');", 'no-restricted-syntax'],
    ["export const run = () => eval('1');", 'no-eval'],
    ["export const run = () => new Function('1');", 'no-new-func'],
    ['let never = 1;\nexport default never;', 'prefer-const'],
    ['const unused = 1;', 'no-unused-vars'],
    ['// TODO: later', 'no-warning-comments'],
  ];
  for (const [text, rule] of cases) {
    for (const file of FILES) assert.deepEqual(await brokenRules(text, file), [rule], file);
  }
});

test('an unknown name is seen where tsc does not look', async () => {
  assert.deepEqual(await brokenRules('unheardOf();', 'tests/js/planted.test.js'), ['no-undef']);
});

test('what keeps the rules passes, and what is generated is left alone', async () => {
  for (const file of FILES) assert.deepEqual(await brokenRules('export const heads = [];', file), []);
  assert.equal(await eslint.isPathIgnored('site_templates/src/format/columns.js'), true);
});
