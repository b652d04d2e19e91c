/**
 * Bundles the viewer: src → dist/{boot.js, viewer.js, viewer.css, page.css}, the service worker of published reports
 * (offline.js), and a part-<name>-<hash>.js for each module that is loaded when it is first needed (split.js), with
 * licences.txt and SHA256SUMS.
 *
 * Classic scripts, because pages opened from file:// may not load modules.
 * The output depends on the sources and the locked packages alone: no dates, no paths.
 *
 *     node build.js            once
 *     node build.js --watch    again after every change, unminified
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lockedPackages, packageLicences } from './licences.js';
import { bundleModule, loadParts, provided, sharedModule, splitScripts, takeOthers, virtual } from './split.js';
import { AFTER, BEFORE } from './src/data/bundle.js';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const DIGESTS = 'SHA256SUMS';
const isWatching = process.argv.includes('--watch');
const PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/;

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  platform: 'browser',
  format: 'iife',
  target: ['chrome100', 'firefox113', 'safari16.4'],
  charset: 'ascii',
  minify: !isWatching,
  legalComments: 'none',
  tsconfigRaw: '{}', // what tsc is told is nothing to the output
  logLevel: 'info',
};

async function bundle() {
  rmSync(dist, { recursive: true, force: true }); // nothing old stays, nor the hash of old sources
  mkdirSync(dist);
  const { scripts, inputs } = await splitScripts(OPTIONS);
  checkLicences(Object.keys(inputs));
  const parts = {};
  for (const script of scripts.slice(0, -1)) parts[script.name] = await writePart(script, scripts, inputs);
  await writeViewer(scripts.at(-1), scripts, inputs, parts);
  await build({ ...OPTIONS, entryPoints: ['src/boot.js'], outdir: 'dist', banner: { js: "'use strict';" } });
  await build({ ...OPTIONS, entryPoints: ['src/offline.js'], outdir: 'dist' });
  await build({ ...OPTIONS, entryPoints: ['src/styles/viewer.css', 'src/styles/page.css'], outdir: 'dist' });
  copyFileSync(join(root, 'licences.txt'), join(dist, 'licences.txt'));
  writeDigests();
}

/** Writes a script that is loaded later, and returns what the viewer must know of it. */
async function writePart(script, scripts, inputs) {
  const entry = script.entry
    ? { entryPoints: [script.entry] }
    : { stdin: { contents: sharedModule(provided(script, scripts, inputs)), resolveDir: root } };
  const { outputFiles: [{ text }] } = await build({
    ...OPTIONS, ...entry, format: 'cjs', write: false, plugins: [takeOthers(root, script.modules)],
  });
  const content = wrapped('require,module', text, script);
  const sha256 = digest(content);
  const file = `part-${script.name}-${sha256.slice(0, 16)}.js`;
  writeFileSync(join(dist, file), content);
  const shared = scripts.at(-2);
  const needsShared = script !== shared
    && [...script.modules].some((path) => inputs[path].imports.some((each) => shared.modules.has(each.path)));
  return { file, sha256, needs: needsShared ? [shared.name] : [] };
}

/** Writes what the page starts with. */
async function writeViewer(viewer, scripts, inputs, parts) {
  const first = virtual(root, 'bundle', bundleModule(parts, provided(viewer, scripts, inputs)));
  const { outputFiles: [{ text }] } = await build({
    ...OPTIONS, stdin: { contents: "import 'bundle';\nimport './src/main.js';", resolveDir: root }, write: false,
    plugins: [first, loadParts(root, scripts)],
  });
  writeFileSync(join(dist, 'viewer.js'), wrapped('', text, viewer));
}

/** A script as one call that hands over its function, with the licences of packages that are in it. */
function wrapped(parameters, text, { modules }) {
  const licences = [...modules].some((path) => PACKAGE.test(path)) ? `/*!\n${packageLicences()}*/\n` : '';
  return `${BEFORE}function(${parameters}){'use strict';${text}${licences}}${AFTER}`;
}

/** No package is bundled without its licence. */
function checkLicences(inputs) {
  const text = readFileSync(join(root, 'licences.txt'), 'utf8');
  const names = inputs.flatMap((path) => path.match(PACKAGE)?.[1] ?? []);
  const versions = new Map(lockedPackages().map(({ name, version }) => [name, version]));
  for (const name of new Set(names)) {
    if (text.includes(`\n${name} ${versions.get(name)}: `)) continue;
    throw new Error(`licences.txt has not the licence of ${name} ${versions.get(name)}; run node licences.js`);
  }
}

/** The SHA-256 of each file, as sha256sum writes and checks them. Whoever reads the bundle can tell if it is whole. */
function writeDigests() {
  const names = readdirSync(dist).filter((name) => name !== DIGESTS).sort();
  const lines = names.map((name) => `${digest(readFileSync(join(dist, name)))}  ${name}\n`);
  writeFileSync(join(dist, DIGESTS), lines.join(''));
}

function digest(content) {
  return createHash('sha256').update(content).digest('hex');
}

await bundle();
if (isWatching) {
  let isChanged = false;
  watch(join(root, 'src'), { recursive: true }, () => {
    if (isChanged) return;
    isChanged = true;
    setTimeout(() => {
      isChanged = false;
      bundle().catch(() => {}); // esbuild says what is wrong
    }, 100);
  });
}
