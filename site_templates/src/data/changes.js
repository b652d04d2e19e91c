/** Who hears of a report's files as they come, and of a site that was built anew since the page was opened. */
import { DataError } from './errors.js';
import { isStale } from './staleness.js';

/** @import { LoadEvent, Manifest } from './types.d.ts' */
/** @import { FetchBytes } from './transport.js' */

export class Changes {
  /** @type {Set<(event: LoadEvent) => void>} */ #listeners = new Set();
  /** @type {Manifest} */ #manifest;
  /** @type {FetchBytes} */ #fetchBytes;
  /** @type {Promise<void> | undefined} */ #staleCheck;

  /**
   * @param {Manifest} manifest of the report as this page opened it
   * @param {FetchBytes} fetchBytes
   */
  constructor(manifest, fetchBytes) {
    this.#manifest = manifest;
    this.#fetchBytes = fetchBytes;
    /** Whether the site was built anew since this page was opened; a "stale" event tells when that is found. */
    this.stale = false;
  }

  /**
   * Calls the listener as loading starts, ends or fails, and when the site turns out to be built anew.
   * @param {(event: LoadEvent) => void} listener
   * @returns {() => void} takes the listener away
   */
  listen(listener) {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** @param {LoadEvent} event */
  notify(event) {
    for (const listener of this.#listeners) listener(event);
    // A shard that is gone may mean a newer report under the same address: look once.
    if (event.error instanceof DataError && event.error.kind === 'missing') this.#staleCheck ??= this.#checkStale();
  }

  async #checkStale() {
    this.stale = await isStale(this.#fetchBytes, this.#manifest);
    if (this.stale) this.notify({ type: 'stale', path: 'manifest.json' });
  }
}
