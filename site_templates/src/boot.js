/**
 * The first script of index.html, under a name that never changes: loads the manifest, then the stylesheet
 * and the viewer that the manifest names, each proved by its SHA-256 as far as a browser can. A stale cached index.html
 * thus still gets the viewer that fits the data.
 *
 * Leaves `window.attnvizBoot = {manifest, base, fail}` for the viewer, which takes and deletes it.
 * What fails is written into the page's #boot-message, above the help that stands there in any case.
 */
import { carriedFiles } from './data/carried.js';
import { DataError } from './data/errors.js';
import { pageFetcher, proveManifest } from './data/seal.js';
import { canFetch, openTransport } from './data/transport.js';
import { checkFormat } from './data/version.js';
import { ViewerFiles } from './data/viewer-files.js';

/** @import { Manifest } from './data/types.d.ts' */

const COPY_HINT = 'The report may have been copied only in part: copy its whole folder again.';

const self = /** @type {HTMLScriptElement} */ (document.currentScript);
const isOnePage = carriedFiles() !== null;
// boot.js lies in assets/: the report's folder is one up, whatever the page's address says.
const base = isOnePage ? '' : new URL('..', self.src).href;
const seal = self.dataset.manifest;
const fetchBytes = openTransport(base);
const fetchPage = canFetch(base) ? pageFetcher(base) : null;
const viewerFiles = new ViewerFiles(base, fetchBytes);

boot().catch(report);

async function boot() {
  (await loadViewer())();
}

async function loadViewer() {
  try {
    return await load(await loadManifest(false), '');
  } catch (error) {
    // The report may have been replaced between two requests: the newest manifest names the newest viewer.
    const kinds = error instanceof DataError && error.path === 'manifest.json'
      ? (fetchPage ? ['damaged'] : []) : ['missing', 'damaged'];
    if (!(error instanceof DataError && kinds.includes(error.kind))) throw error;
    return await load(await loadManifest(true), '?again');
  }
}

/**
 * The manifest, proved by the page where either says that it can be, after a look at the format that it says it has.
 * @param {boolean} fresh past every cache
 * @returns {Promise<Manifest>}
 */
async function loadManifest(fresh) {
  const bytes = await fetchBytes('manifest.json', { fresh, revalidate: true });
  if (seal) await proveManifest(bytes, seal, fetchPage);
  const manifest = parse(bytes);
  checkFormat(manifest?.format, manifest?.format_version, 'manifest.json');
  if (!seal && manifest.files) await proveManifest(bytes, seal, fetchPage);
  return manifest;
}

/** @param {Uint8Array} bytes */
function parse(bytes) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new DataError('damaged', 'manifest.json', `manifest.json is damaged or cut short. ${COPY_HINT}`);
  }
}

/**
 * The style first, so that the viewer never measures an unstyled page.
 * @param {Manifest} manifest
 * @param {string} suffix makes the address new, so that no cache answers
 * @returns {Promise<() => void>} starts the viewer
 */
async function load(manifest, suffix) {
  const { style, script } = viewerOf(manifest);
  const digest = (/** @type {string} */ path) => manifest.files?.[path]?.sha256;
  await viewerFiles.applyStyle(style, { suffix, digest: digest(style) });
  const viewer = await viewerFiles.loadScript(script, { suffix, digest: digest(script) });
  Object.assign(window, { attnvizBoot: { manifest, base, fail: report } });
  return viewer;
}

/** @param {Manifest} manifest which the viewer will check in full */
function viewerOf({ viewer }) {
  if (typeof viewer?.style === 'string' && typeof viewer.script === 'string') return viewer;
  throw new DataError('format', 'manifest.json', 'manifest.json names no viewer. Please build the report again.');
}

/**
 * Says what failed. What is no fault of the report's files is an error of ours, and goes on to the console.
 * @param {unknown} error
 */
function report(error) {
  const isOfFiles = error instanceof Error && error.name === 'DataError';
  document.documentElement.dataset.ready = 'error';
  const message = document.getElementById('boot-message');
  if (message) {
    message.textContent = isOfFiles ? error.message : `The viewer could not start: ${error}`;
    message.hidden = false;
  }
  if (!message || !isOfFiles) throw error;
}
