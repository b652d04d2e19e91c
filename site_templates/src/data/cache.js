/**
 * A least-recently-used cache with a limit in bytes. What is larger than the limit is still kept,
 * alone: it was just asked for.
 * @template T
 */
export class ByteCache {
  /** @param {number} budget bytes */
  constructor(budget) {
    this.budget = budget;
    this.bytes = 0;
    /** Least recently used first. @type {Map<string, {value: T, bytes: number}>} */
    this.entries = new Map();
  }

  /**
   * @param {string} key
   * @returns {T | undefined}
   */
  get(key) {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /**
   * @param {string} key
   * @param {T} value
   * @param {number} bytes
   */
  set(key, value, bytes) {
    this.delete(key);
    this.entries.set(key, { value, bytes });
    this.bytes += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.budget || oldest === key) break;
      this.delete(oldest);
    }
  }

  /** @param {string} key */
  delete(key) {
    this.bytes -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }
}
