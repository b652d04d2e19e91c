/**
 * The first script of index.html, under a name that never changes: loads the manifest, then the stylesheet
 * and the viewer that the manifest names. A stale cached index.html thus still gets the viewer that fits the data.
 *
 * Leaves `window.attnvizBoot = {manifest, base}` for the viewer, which takes and deletes it.
 * What fails is written into the page's #boot-message, above the help that stands there in any case.
 */
import { DataError } from './data/errors.js';
import { openTransport, resolve } from './data/transport.js';
import { checkFormat } from './data/version.js';

/** @import { Manifest } from './data/types.d.ts' */

// boot.js lies in assets/: the report's folder is one up, whatever the page's address says.
const base = new URL('..', /** @type {HTMLScriptElement} */ (document.currentScript).src).href;
const fetchBytes = openTransport(base);

boot().catch(report);

async function boot() {
  try {
    await start(await loadManifest(false), '');
  } catch (error) {
    // The viewer may have been replaced between two requests: the newest manifest names the newest one.
    const replaced = error instanceof DataError && error.kind === 'missing' && error.path !== 'manifest.json';
    if (!replaced) throw error;
    await start(await loadManifest(true), '?again');
  }
}

/**
 * The manifest, after a look at the format that it says it has.
 * @param {boolean} fresh past every cache
 * @returns {Promise<Manifest>}
 */
async function loadManifest(fresh) {
  const bytes = await fetchBytes('manifest.json', { fresh, revalidate: true });
  const manifest = parse(bytes);
  checkFormat(manifest?.format, manifest?.format_version, 'manifest.json');
  return manifest;
}

/** @param {Uint8Array} bytes */
function parse(bytes) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new DataError('damaged', 'manifest.json', 'manifest.json is damaged or cut short. '
      + 'The report may have been copied only in part: copy its whole folder again.');
  }
}

/**
 * The style first, so that the viewer never measures an unstyled page.
 * @param {Manifest} manifest
 * @param {string} suffix makes the address new, so that no cache answers
 */
async function start(manifest, suffix) {
  const { style, script } = manifest.viewer;
  const link = document.createElement('link');
  Object.assign(link, { rel: 'stylesheet', href: resolve(style, base) + suffix });
  await inject(link, style);
  Object.assign(window, { attnvizBoot: { manifest, base } });
  const element = Object.assign(document.createElement('script'), { src: resolve(script, base) + suffix });
  await inject(element, script);
}

/**
 * Adds a stylesheet or a script to the page, and waits until it has come.
 * @param {HTMLElement} element
 * @param {string} path
 * @returns {Promise<void>}
 */
function inject(element, path) {
  return new Promise((loaded, failed) => {
    element.onload = () => loaded();
    element.onerror = () => {
      element.remove();
      failed(new DataError('missing', path, `${path} is not there. `
        + 'The report may have been copied only in part: copy its whole folder again.'));
    };
    document.head.append(element);
  });
}

/** @param {unknown} error */
function report(error) {
  document.documentElement.dataset.ready = 'error';
  const message = document.getElementById('boot-message');
  if (!message) throw error;
  message.textContent = error instanceof DataError ? error.message : `The viewer could not start: ${error}`;
  message.hidden = false;
}
