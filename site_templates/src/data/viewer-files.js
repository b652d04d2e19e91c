/**
 * The viewer's own scripts and styles: added to the page, waited for, and proved as far as a browser can.
 */
import { AFTER, BEFORE } from './bundle.js';
import { carriedFiles, embed } from './carried.js';
import { sha256Hex } from './digest.js';
import { DataError } from './errors.js';
import { canFetch, resolve } from './transport.js';

/** @import { FetchBytes } from './transport.js' */

/**
 * The function that a script of the bundle is: the viewer's takes nothing, a part's takes what it is made of.
 * @typedef {(require?: (name: string) => unknown, module?: {exports: any}) => void} ScriptFunction
 * @typedef {{digest?: string, suffix?: string}} Proof a file's SHA-256, hexadecimal, where it is known, and what makes
 * its address new, so that no cache answers
 */

const COPY_HINT = 'The report may have been copied only in part: copy its whole folder again.';

/** Who takes the function of a script under way. @type {WeakMap<Element, (script: ScriptFunction) => void>} */
const takers = new WeakMap();

export class ViewerFiles {
  #base;
  #fetchBytes;
  #isOnePage = carriedFiles() !== null;

  /**
   * @param {string} base URL of the report's folder, ending in "/"; '' of a page that carries its files
   * @param {FetchBytes} fetchBytes as the base's protocol allows
   */
  constructor(base, fetchBytes) {
    this.#base = base;
    this.#fetchBytes = fetchBytes;
  }

  /**
   * @param {string} path in the report
   * @param {Proof} proof
   * @throws {DataError} where the file is missing, or damaged as far as that can be told
   */
  async applyStyle(path, { digest, suffix = '' }) {
    if (this.#isOnePage) return embed(document.createElement('style'), await this.#fetchBytes(path));
    const link = document.createElement('link');
    const href = resolve(path, this.#base) + suffix;
    Object.assign(link, { rel: 'stylesheet', href, ...this.#integrity(digest) });
    return this.#inject(link, path);
  }

  /**
   * @param {string} path in the report
   * @param {Proof} proof
   * @returns {Promise<ScriptFunction>} which has not run yet
   * @throws {DataError} where the file is missing or damaged
   */
  async loadScript(path, { digest, suffix = '' }) {
    const element = document.createElement('script');
    /** @type {ScriptFunction | undefined} */
    let script;
    takers.set(element, (text) => void (script = text));
    Object.assign(globalThis, { attnvizViewer: hand });
    if (this.#isOnePage) embed(element, await this.#fetchBytes(path));
    else await this.#inject(Object.assign(element, { src: resolve(path, this.#base) + suffix }), path);
    if (!script || (digest && digest !== await digestOf(script))) throw damaged(path);
    return script;
  }

  /**
   * The browser's own proof of a file that no script can read, where it has one: over http.
   * @param {string | undefined} digest
   */
  #integrity(digest) {
    if (!canFetch(this.#base) || !/^[0-9a-f]{64}$/.test(digest ?? '')) return {};
    const bytes = digest?.match(/../g) ?? [];
    return { integrity: `sha256-${btoa(bytes.map((byte) => String.fromCharCode(parseInt(byte, 16))).join(''))}` };
  }

  /**
   * Adds a stylesheet or a script to the page, and waits until it has come.
   * @param {HTMLElement} element
   * @param {string} path
   * @returns {Promise<void>}
   */
  #inject(element, path) {
    return new Promise((loaded, failed) => {
      element.onload = () => loaded();
      element.onerror = () => {
        element.remove();
        void this.#refusal(path).then(failed);
      };
      document.head.append(element);
    });
  }

  /** Why a file did not come: over http, one that is there was refused for its bytes. @param {string} path */
  async #refusal(path) {
    const isThere = canFetch(this.#base) && await this.#fetchBytes(path).then(() => true, () => false);
    return isThere ? damaged(path) : new DataError('missing', path, `${path} is not there. ${COPY_HINT}`);
  }
}

/** What scripts of the bundle call. @param {ScriptFunction} script */
function hand(script) {
  if (document.currentScript) takers.get(document.currentScript)?.(script);
}

/** @param {ScriptFunction} script */
function digestOf(script) {
  return sha256Hex(new TextEncoder().encode(BEFORE + script + AFTER));
}

/** @param {string} path */
function damaged(path) {
  return new DataError('damaged', path, `${path} is damaged or cut short. ${COPY_HINT}`);
}
