/**
 * Bundles the viewer: src → dist/{boot.js, viewer.js, viewer.css, page.css}, with licences.txt and SHA256SUMS.
 *
 * Classic scripts (IIFE), because pages opened from file:// may not load modules.
 * The output depends on the sources and the locked packages alone: no dates, no paths.
 *
 *     node build.js            once
 *     node build.js --watch    again after every change, unminified, with source maps
 */
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';
import { lockedPackages, packageLicences } from './licences.js';
import { AFTER, BEFORE } from './src/data/bundle.js';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const DIGESTS = 'SHA256SUMS';
const watch = process.argv.includes('--watch');

/** Where each file of dist comes from. */
const entries = [
  { in: 'src/boot.js', out: 'boot' },
  { in: 'src/main.js', out: 'viewer' },
  { in: 'src/styles/viewer.css', out: 'viewer' },
  { in: 'src/styles/page.css', out: 'page' },
];

/** What comes with each output: its digest, and the licences of what it carries. */
const finish = {
  name: 'finish',
  setup: ({ onEnd }) => onEnd(({ errors, metafile }) => {
    if (errors.length) return;
    checkLicences(Object.keys(metafile.inputs));
    copyFileSync(join(root, 'licences.txt'), join(dist, 'licences.txt'));
    writeDigests();
  }),
};

/** No package is bundled without its licence. */
function checkLicences(inputs) {
  const text = readFileSync(join(root, 'licences.txt'), 'utf8');
  const names = inputs.flatMap((path) => path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []);
  const versions = new Map(lockedPackages().map(({ name, version }) => [name, version]));
  for (const name of new Set(names)) {
    if (text.includes(`\n${name} ${versions.get(name)}: `)) continue;
    throw new Error(`licences.txt has not the licence of ${name} ${versions.get(name)}; run node licences.js`);
  }
}

/** The SHA-256 of each file, as sha256sum writes and checks them. Whoever reads the bundle can tell if it is whole. */
function writeDigests() {
  const names = readdirSync(dist).filter((name) => name !== DIGESTS).sort();
  const digest = (name) => createHash('sha256').update(readFileSync(join(dist, name))).digest('hex');
  writeFileSync(join(dist, DIGESTS), names.map((name) => `${digest(name)}  ${name}\n`).join(''));
}

/** Options for the entry points whose names end alike. */
function options(ending) {
  return {
    absWorkingDir: root,
    entryPoints: entries.filter((entry) => entry.in.endsWith(ending)),
    outdir: 'dist',
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome100', 'firefox113', 'safari16.4'],
    charset: 'ascii',
    minify: !watch,
    sourcemap: watch && 'linked',
    legalComments: 'none',
    metafile: true,
    plugins: [finish],
    logLevel: 'info',
  };
}

const jobs = [
  options('boot.js'),
  {
    ...options('main.js'),
    banner: { js: `${BEFORE}function(){` },
    footer: { js: `/*!\n${packageLicences()}*/\n}${AFTER.trimEnd()}` },
  },
  options('.css'),
];

rmSync(dist, { recursive: true, force: true }); // nothing old stays, nor the hash of old sources
if (watch) {
  for (const job of jobs) await (await context(job)).watch();
} else {
  await Promise.all(jobs.map((job) => build(job)));
}
