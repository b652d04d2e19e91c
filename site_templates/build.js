/**
 * Bundles the viewer: src → dist/{boot.js, viewer.js, viewer.css, page.css}.
 *
 * Classic scripts (IIFE), because pages opened from file:// may not load modules.
 * The output depends on the sources and the locked packages alone: no dates, no paths.
 *
 *     node build.js            once
 *     node build.js --watch    again after every change, unminified, with source maps
 */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';
import { AFTER, BEFORE } from './src/data/bundle.js';

const root = dirname(fileURLToPath(import.meta.url));
const watch = process.argv.includes('--watch');

/** Where each file of dist comes from. */
const entries = [
  { in: 'src/boot.js', out: 'boot' },
  { in: 'src/main.js', out: 'viewer' },
  { in: 'src/styles/viewer.css', out: 'viewer' },
  { in: 'src/styles/page.css', out: 'page' },
];

/** The licences of what is bundled travel with it, as they ask. */
function licences() {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(dependencies).map((name) => {
    const text = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim();
    return `/*! ${name}\n\n${text}\n*/`;
  }).join('\n');
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
    target: ['chrome100', 'firefox104', 'safari15.4'],
    charset: 'ascii',
    minify: !watch,
    sourcemap: watch && 'linked',
    legalComments: 'none',
    logLevel: 'info',
  };
}

const jobs = [
  options('boot.js'),
  {
    ...options('main.js'),
    banner: { js: `${BEFORE}function(){` },
    footer: { js: `${licences()}\n}${AFTER.trimEnd()}` },
  },
  options('.css'),
];

rmSync(join(root, 'dist'), { recursive: true, force: true }); // nothing old stays, nor the hash of old sources
if (watch) {
  for (const job of jobs) await (await context(job)).watch();
} else {
  await Promise.all(jobs.map((job) => build(job)));
}
