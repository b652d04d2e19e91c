/** The viewer's architecture as a test: no module imports a later stage, in code or in its types. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../site_templates/src', import.meta.url));

/** What each stage may import besides packages. draw knows only typed arrays, colours and rectangles. */
const ALLOWED = {
  data: ['data'],
  state: ['data', 'state'],
  draw: ['draw'],
  views: ['data', 'state', 'draw', 'views'],
  'main.js': ['data', 'state', 'draw', 'views'],
  'boot.js': ['data'],
};

/** Every relative path after `from`, `import` or `import(`, JSDoc included. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.[^'"]*)\1/g;

/**
 * Imports that go the wrong way, as "importer → imported".
 * @param {Map<string, string>} files source texts by path under src
 */
function wrongImports(files) {
  const wrong = [];
  for (const [path, text] of files) {
    const allowed = ALLOWED[path.split('/')[0]];
    if (!allowed) wrong.push(`${path} belongs to no stage`);
    else for (const [, , target] of text.matchAll(IMPORT)) {
      const imported = posix.join(posix.dirname(path), target);
      if (!allowed.includes(imported.split('/')[0])) wrong.push(`${path} → ${imported}`);
    }
  }
  return wrong;
}

function readSources() {
  const names = readdirSync(SOURCES, { recursive: true }).map(String).filter((name) => /\.(js|ts)$/.test(name));
  return new Map(names.map((name) => [name.split(sep).join('/'), readFileSync(join(SOURCES, name), 'utf8')]));
}

test('no module imports a later stage', () => {
  const files = readSources();
  assert.ok(files.size > 15 && files.has('data/report.js'), 'the sources were found');
  assert.deepEqual(wrongImports(files), []);
});

test('every kind of import is seen', () => {
  const cases = [
    ['data/a.js', "import { b } from '../state/b.js';", 'data/a.js → state/b.js'],
    ['data/a.js', "import '../main.js';", 'data/a.js → main.js'],
    ['data/a.js', "export * from '../views/b.js';", 'data/a.js → views/b.js'],
    ['state/a.js', "const b = await import('../draw/b.js');", 'state/a.js → draw/b.js'],
    ['state/a.js', "import {\n  b,\n  c,\n} from\n  \"../views/b.js\";", 'state/a.js → views/b.js'],
    ['draw/deep/a.js', "/** @import { B } from '../../state/types.d.ts' */", 'draw/deep/a.js → state/types.d.ts'],
    ['draw/a.js', "/** @type {import('../data/b.js').B} */", 'draw/a.js → data/b.js'],
    ['views/a.js', "import '../main.js';", 'views/a.js → main.js'],
    ['boot.js', "import './views/b.js';", 'boot.js → views/b.js'],
    ['other/a.js', '', 'other/a.js belongs to no stage'],
  ];
  for (const [path, text, expected] of cases) assert.deepEqual(wrongImports(new Map([[path, text]])), [expected]);
  assert.deepEqual(wrongImports(new Map([['views/a.js', "import '../draw/a.js'; import '../data/a.js'; import '@uwdata/flechette';"]])), []);
});
