/** The viewer's architecture as a test: no module imports a later stage, and no view another, in code or in types. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../site_templates/src', import.meta.url));

/** What each stage may import besides packages. draw knows only typed arrays, colours and rectangles. */
const ALLOWED = {
  format: ['format'],
  data: ['format', 'data'],
  state: ['format', 'data', 'state'],
  draw: ['draw'],
  parts: ['format', 'data', 'state', 'draw', 'parts'],
  views: ['format', 'data', 'state', 'draw', 'parts', 'views'],
  shell: ['format', 'data', 'state', 'draw', 'parts', 'views', 'shell'],
  'main.js': ['format', 'data', 'state', 'draw', 'parts', 'views', 'shell'],
  'boot.js': ['format', 'data'],
  'offline.js': ['format', 'data'],
};

/** Every relative path after `from`, `import` or `import(`, JSDoc included. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.[^'"]*)\1/g;

const LIST = 'views/list.js';

/** Whether an import enters a view from outside: only the list may, by the view's index.js. */
function entersView(path, imported) {
  if (!imported.startsWith('views/') || imported === LIST) return path.startsWith('views/') && imported === LIST;
  const view = imported.split('/').slice(0, 2).join('/');
  return !(path.startsWith(`${view}/`) || (path === LIST && imported === `${view}/index.js`));
}

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
      if (!allowed.includes(imported.split('/')[0]) || entersView(path, imported)) wrong.push(`${path} → ${imported}`);
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
    ['parts/a.js', "import { b } from '../views/b/c.js';", 'parts/a.js → views/b/c.js'],
    ['parts/a.js', "/** @import { B } from '../shell/b.js' */", 'parts/a.js → shell/b.js'],
    ['views/a/b.js', "import '../../main.js';", 'views/a/b.js → main.js'],
    ['views/a/b.js', "import { c } from '../../shell/c.js';", 'views/a/b.js → shell/c.js'],
    ['views/a/b.js', "import { d } from '../c/d.js';", 'views/a/b.js → views/c/d.js'],
    ['views/a/b.js', "import { VIEWS } from '../list.js';", 'views/a/b.js → views/list.js'],
    ['views/list.js', "import { b } from './a/b.js';", 'views/list.js → views/a/b.js'],
    ['shell/a.js', "import { c } from '../views/b/c.js';", 'shell/a.js → views/b/c.js'],
    ['shell/a.js', "import b from '../views/b/index.js';", 'shell/a.js → views/b/index.js'],
    ['main.js', "import b from './views/b/index.js';", 'main.js → views/b/index.js'],
    ['views/a/b/c.js', "/** @import { D } from '../../d/index.js' */", 'views/a/b/c.js → views/d/index.js'],
    ['boot.js', "import './views/b.js';", 'boot.js → views/b.js'],
    ['other/a.js', '', 'other/a.js belongs to no stage'],
  ];
  for (const [path, text, expected] of cases) assert.deepEqual(wrongImports(new Map([[path, text]])), [expected]);
  assert.deepEqual(wrongImports(new Map([
    ['views/list.js', "import a from './a/index.js';"],
    ['shell/a.js', "import '../views/list.js';"],
  ])), []);
  const lower = "import './c.js'; import '../../draw/a.js'; import '../../parts/a.js'; import '@uwdata/flechette';";
  assert.deepEqual(wrongImports(new Map([['views/a/b.js', lower]])), []);
});
