/**
 * Parts of the viewer that are loaded when they are first needed. Sources say `import('./head.js')`; build.js makes a
 * script of what that module needs beyond the viewer's own, and of the import a call of `loadPart`. What several parts
 * need is a script of its own, which comes first.
 */
import { DataError } from './errors.js';
import { ViewerFiles } from './viewer-files.js';

/** @import { FetchBytes } from './transport.js' */

/**
 * A script of the bundle: its name in assets/, its SHA-256, and the scripts that it needs.
 * @typedef {{file: string, sha256: string, needs: readonly string[]}} PartScript
 */

/** Modules that scripts take from one another, by their names in build.js. @type {Record<string, unknown>} */
const modules = {};
/** @type {Record<string, PartScript>} */
const scripts = {};
/** What each script exports, from when it is asked for. @type {Map<string, Promise<any>>} */
const loading = new Map();
/** @type {ViewerFiles} */
let files;

/**
 * Called by the bundle before anything else.
 * @param {Record<string, PartScript>} bundled
 * @param {Record<string, unknown>} provided
 */
export function provide(bundled, provided) {
  Object.assign(scripts, bundled);
  Object.assign(modules, provided);
}

/**
 * Says where the report is.
 * @param {string} base URL of its folder, ending in "/"; '' of a page that carries its files
 * @param {FetchBytes} fetchBytes as the base's protocol allows
 */
export function openParts(base, fetchBytes) {
  files = new ViewerFiles(base, fetchBytes);
}

/**
 * What a part exports. One that did not come is asked for anew the next time.
 * @param {string} name
 * @returns {Promise<any>}
 * @throws {DataError} that names the file
 */
export function loadPart(name) {
  const running = loading.get(name);
  if (running) return running;
  const part = runPart(scripts[name]);
  loading.set(name, part);
  part.catch(() => loading.delete(name));
  return part;
}

/** Loads all parts, one after another, that later steps need not wait; what fails is said when it is needed. */
export async function prefetchParts() {
  for (const name of Object.keys(scripts)) await loadPart(name).catch(() => {});
}

/** @param {PartScript} script */
async function runPart({ file, sha256, needs }) {
  const path = `assets/${file}`;
  const [part] = await Promise.all([scriptAt(path, sha256), ...needs.map((name) => shared(name))]);
  const module = { exports: {} };
  part(take, module);
  return module.exports;
}

/** Loads a script that others take modules from. @param {string} name */
async function shared(name) {
  Object.assign(modules, await loadPart(name));
}

/**
 * A damaged one is asked for once more, past every cache.
 * @param {string} path
 * @param {string} digest
 */
function scriptAt(path, digest) {
  return files.loadScript(path, { digest }).catch((error) => {
    if (!(error instanceof DataError) || error.kind !== 'damaged') throw error;
    return files.loadScript(path, { digest, suffix: '?again' });
  });
}

/** @param {string} name */
function take(name) {
  return modules[name];
}
