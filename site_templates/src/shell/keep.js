/**
 * A published report without a network: registers the service worker, keeps what this page has loaded before the
 * worker took over, and offers to keep all of the report.
 */
import { sha256Hex } from '../data/digest.js';
import { isNamedByHash, openKept } from '../data/kept.js';
import { el, fill } from '../parts/element.js';
import { bytes } from '../parts/numbers.js';

/** @import { Report } from '../data/report.js' */
/** @typedef {{path: string, bytes: number, sha256: string}} KeptFile */

/** Files that are asked for at the same time. */
const AT_ONCE = 4;
/** What is kept of index.html and the manifest is always the latest; they prove each other. */
const FIRST = ['index.html', 'manifest.json'];
/** Under this name the cache has which build it was last cleaned for. */
const SETTLED = '.settled';
const DONE = 'All of it works offline';

/**
 * @param {Report} report
 * @param {HTMLElement} place of the offer
 * @param {(text: string) => void} announce
 */
export async function offerToKeep(report, place, announce) {
  const folder = new URL('.', window.location.href).href;
  try {
    await navigator.serviceWorker.register(`${folder}offline.js`);
  } catch {
    return; // a browser that forbids it shows the report as it did before
  }
  await takenOver();
  keepLoaded(folder);
  const cache = await openKept(folder);
  const files = await filesOf(report);
  await letGo(cache, folder, files);
  await offer({ cache, folder, files, place, announce });
}

/** Waits until the worker answers what this page asks for. */
function takenOver() {
  const { serviceWorker } = navigator;
  return new Promise((resolve) => {
    if (serviceWorker.controller) resolve(undefined);
    else serviceWorker.addEventListener('controllerchange', resolve, { once: true });
  });
}

/** Asks once more, of the worker, for what came without it. @param {string} folder */
function keepLoaded(folder) {
  const ask = (/** @type {string} */ address) => void fetch(address).catch(() => {});
  ask(folder);
  const observer = new PerformanceObserver((list) => {
    for (const entry of /** @type {PerformanceResourceTiming[]} */ (list.getEntries())) {
      if (entry.workerStart === 0 && entry.name.startsWith(folder)) ask(entry.name);
    }
  });
  observer.observe({ type: 'resource', buffered: true });
}

/** All files but index.html, which is kept with each visit, and what only hosts read. @param {Report} report */
async function filesOf(report) {
  const { files = {}, shards, tables = {} } = report.manifest;
  const others = Object.entries(files).map(([path, file]) => ({ path, ...file }));
  return [...others, ...await report.pages(), ...Object.values(shards), ...Object.values(tables)]
    .filter(({ path }) => path !== 'index.html' && !path.startsWith('.'));
}

/**
 * Lets go what the report does not name, or names with other bytes, once for each build of it.
 * @param {Cache} cache
 * @param {string} folder
 * @param {readonly KeptFile[]} files
 */
async function letGo(cache, folder, files) {
  const build = await sha256Hex(new TextEncoder().encode(JSON.stringify(files)));
  const settled = folder + SETTLED;
  if (await (await cache.match(settled))?.text() === build) return;
  const digests = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  for (const request of await cache.keys()) {
    const path = request.url.slice(folder.length);
    if (!FIRST.includes(path) && !await isSame(cache, request, path, digests.get(path))) await cache.delete(request);
  }
  await cache.put(settled, new Response(build));
}

/** @param {Cache} cache @param {Request} request @param {string} path @param {string | undefined} digest */
async function isSame(cache, request, path, digest) {
  if (digest === undefined || isNamedByHash(path)) return digest !== undefined;
  const kept = await cache.match(request);
  return kept !== undefined && await sha256Hex(new Uint8Array(await kept.arrayBuffer())) === digest;
}

/**
 * @typedef {object} Offer
 * @property {Cache} cache
 * @property {string} folder
 * @property {KeptFile[]} files
 * @property {HTMLElement} place
 * @property {(text: string) => void} announce
 */

/** @param {Offer} about */
async function offer({ cache, folder, files, place, announce }) {
  const total = size(files);
  const missing = async () => {
    const kept = new Set((await cache.keys()).map(({ url }) => url));
    return files.filter(({ path }) => !kept.has(folder + path));
  };
  const button = el('button', { type: 'button', class: 'link-button', onclick: keepAll },
    `Keep all of it offline (${bytes(total)})`);
  const say = (/** @type {string} */ text) => {
    fill(place, text);
    announce(text);
  };
  async function keepAll() {
    const ahead = await missing();
    let ready = total - size(ahead);
    const progress = () => fill(place, `Keeping ${bytes(ready)} of ${bytes(total)}`);
    progress();
    void navigator.storage?.persist?.();
    try {
      await inTurns(ahead, async (file) => {
        await keepFile(cache, folder, file);
        ready += file.bytes;
        progress();
      });
      say(DONE);
    } catch (error) {
      say(reasonOf(error));
      place.append(' ', button);
      fill(button, 'Try again');
    }
  }
  fill(place, (await missing()).length > 0 ? button : DONE);
}

/** @param {Cache} cache @param {string} folder @param {KeptFile} file */
async function keepFile(cache, folder, { path, sha256 }) {
  const response = await fetch(folder + path, { cache: 'no-store' }).catch(() => null);
  if (!response?.ok) throw new Error(`${path} did not come.`);
  const content = new Uint8Array(await response.arrayBuffer());
  if (await sha256Hex(content) !== sha256) throw new Error(`${path} is of another build: reload the page.`);
  const type = response.headers.get('Content-Type') ?? '';
  await cache.put(folder + path, new Response(content, { headers: { 'Content-Type': type } }));
}

/**
 * Does the work of all files, a few at the same time; after one that fails, none is begun.
 * @param {readonly KeptFile[]} files
 * @param {(file: KeptFile) => Promise<void>} work
 * @throws what the first threw, once all that had begun is over
 */
async function inTurns(files, work) {
  const ahead = [...files];
  /** @type {unknown[]} */
  const failures = [];
  const turn = async () => {
    for (let file = ahead.shift(); file && failures.length === 0; file = ahead.shift()) {
      await work(file).catch((error) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
  if (failures.length > 0) throw failures[0];
}

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') return 'This browser has no room for it.';
  return error instanceof Error ? error.message : String(error);
}

/** @param {readonly {bytes: number}[]} files */
function size(files) {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}
