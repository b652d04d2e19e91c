/**
 * Parts of the manifest that are rows of a table, a column for each thing that is said of them: `certificate.top1`,
 * `statistics.entropy`, `maps.pca-2d.rank`; what a list holds is in lists, `labels.score`. Texts are indices into the
 * words that the table's metadata have, numbers of 32 bits have 7 decimals, from 1 on 7 digits.
 */
import { DETAILS, DIGITS, WORDS } from '../format/columns.js';
import { PARTS } from '../format/parts.js';

/** @import { Kind } from '../format/parts.js' */
/** @import { Shard } from './shard.js' */
/** @import { HeadEntry, NoticeEntry } from './types.d.ts' */
/** @typedef {(row: number) => any} Reader the value of a key in a row; null where it has none */

/** @type {Record<string, readonly string[]>} */
const TYPES = { text: ['uint16'], integer: ['uint32'], number: ['float32', 'float64'], flag: ['bool'] };

/** What is said of a model's heads. @param {Shard} shard of kind `heads` @returns {HeadEntry[]} */
export function readHeads(shard) {
  return /** @type {HeadEntry[]} */ (readRecords(shard, 'Head', (key) => !DETAILS.includes(key)));
}

/** Notices, in order. @param {Shard} shard of kind `notices` @returns {NoticeEntry[]} */
export function readNotices(shard) {
  return /** @type {NoticeEntry[]} */ (readRecords(shard, 'NoticeEntry', () => true));
}

/**
 * What only one head's panel shows of a layer's heads, in order.
 * @param {Shard} shard of kind `head-details`
 * @returns {Partial<HeadEntry>[]}
 */
export function readDetails(shard) {
  return readRecords(shard, 'Head', (key) => DETAILS.includes(key));
}

/**
 * The rows of a table, with some of the keys of a part.
 * @param {Shard} shard
 * @param {string} part
 * @param {(key: string) => boolean} isAsked
 * @returns {Record<string, any>[]}
 * @throws {DataError} where columns or values are not as the format says
 */
function readRecords(shard, part, isAsked) {
  const read = new Columns(shard).part(part, '', isAsked);
  return Array.from({ length: shard.rows }, (_, row) => read(row));
}

class Columns {
  /** @param {Shard} shard */
  constructor(shard) {
    this.shard = shard;
    this.names = [...shard.columns.keys()];
    this.words = wordsOf(shard);
  }

  /**
   * @param {string} part
   * @param {string} stem of its columns' names
   * @param {(key: string) => boolean} [isAsked]
   * @returns {Reader}
   */
  part(part, stem, isAsked = () => true) {
    const readers = Object.entries(PARTS[part])
      .map(([marked, kind]) => /** @type {const} */ ([marked.replace('?', ''), kind]))
      .filter(([key]) => isAsked(key))
      .map(([key, kind]) => /** @type {const} */ ([key, this.value(kind, stem + key), mayBeNull(kind)]));
    return (row) => {
      /** @type {Record<string, any>} */
      const record = {};
      for (const [key, read, nullable] of readers) {
        const value = read(row);
        if (value !== null || nullable) record[key] = value;
      }
      return record;
    };
  }

  /** @param {Kind} kind @param {string} path @returns {Reader} */
  value(kind, path) {
    const plain = withoutNull(kind);
    if (typeof plain === 'string') return plain in TYPES ? this.cell(plain, path) : this.part(plain, `${path}.`);
    const inner = withoutNull(/** @type {Kind} */ (plain[1]));
    if (plain[0] === 'map') return this.map(/** @type {Kind} */ (plain[1]), path);
    if (!(String(inner) in TYPES)) return this.parts(String(inner), path);
    const read = this.list(String(inner), path);
    return mayBeNull(kind) ? read : (row) => read(row) ?? [];
  }

  /** @param {Kind} kind @param {string} path @returns {Reader} */
  map(kind, path) {
    const isPlain = String(withoutNull(kind)) in TYPES;
    if (!isPlain) return this.namedParts(kind, path);
    const readers = this.names.filter((name) => name.startsWith(`${path}.`))
      .map((name) => /** @type {const} */ ([name.slice(path.length + 1), this.value(kind, name)]));
    return (row) => Object.fromEntries(readers.map(([name, read]) => [name, read(row)])
      .filter(([, value]) => value !== null || mayBeNull(kind)));
  }

  /** Parts by names that a row lists. @param {Kind} kind @param {string} path @returns {Reader} */
  namedParts(kind, path) {
    const names = this.list('text', path);
    /** @type {Map<string, Reader>} */
    const readers = new Map();
    return (row) => Object.fromEntries((names(row) ?? []).map((/** @type {string} */ name) => {
      const read = readers.get(name) ?? this.value(kind, `${path}.${name}`);
      readers.set(name, read);
      return [name, read(row)];
    }));
  }

  /**
   * Parts in a list, each of whose keys is a list of as many values.
   * @param {string} part
   * @param {string} path
   * @returns {Reader}
   */
  parts(part, path) {
    const readers = Object.entries(PARTS[part]).map(([marked, kind]) => {
      const key = marked.replace('?', '');
      return /** @type {const} */ ([key, this.list(String(withoutNull(kind)), `${path}.${key}`), mayBeNull(kind)]);
    });
    return (row) => {
      const lists = readers.map(([, read]) => read(row) ?? []);
      const length = Math.max(...lists.map((list) => list.length));
      if (lists.some((list) => list.length !== 0 && list.length !== length)) {
        throw this.shard.fault(`row ${row} has lists of ${path} of several lengths`);
      }
      return Array.from({ length }, (_, item) => Object.fromEntries(readers
        .map(([key,, nullable], i) => /** @type {const} */ ([key, lists[i][item] ?? null, nullable]))
        .filter(([, value, nullable]) => value !== null || nullable)));
    };
  }

  /** @param {string} kind @param {string} path @returns {Reader} */
  cell(kind, path) {
    if (!this.has(path, kind, (type) => type)) return () => null;
    const column = this.shard.column(path);
    const value = this.valueOf(kind, this.shard.type(path));
    return (row) => value(column.at(row));
  }

  /** @param {string} kind @param {string} path @returns {Reader} */
  list(kind, path) {
    if (!this.has(path, kind, (type) => `list<${type}>`)) return () => null;
    const column = this.shard.column(path);
    const value = this.valueOf(kind, this.shard.type(path).slice('list<'.length, -1));
    return (row) => {
      const items = column.at(row);
      return items && Array.from(items, value);
    };
  }

  /** @param {string} path @param {string} kind @param {(type: string) => string} inside */
  has(path, kind, inside) {
    if (!this.names.includes(path)) return false;
    const type = this.shard.type(path);
    if (TYPES[kind].some((name) => inside(name) === type)) return true;
    throw this.shard.fault(`column ${path} is ${type}, not of type ${kind}`);
  }

  /** What a stored value is. @param {string} kind @param {string} type @returns {(cell: any) => any} */
  valueOf(kind, type) {
    if (kind === 'text') return (cell) => (cell === null ? null : this.word(cell));
    if (kind !== 'number') return (cell) => cell;
    const exact = type === 'float64';
    return (cell) => (cell === null || Number.isNaN(cell) ? null : exact ? cell : rounded(cell));
  }

  /** @param {number} index */
  word(index) {
    if (index < this.words.length) return this.words[index];
    throw this.shard.fault(`it names text ${index} of ${this.words.length}`);
  }
}

/** @param {number} value */
function rounded(value) {
  let scale = 10 ** DIGITS;
  for (let rest = Math.abs(value); rest >= 1 && rest < Infinity; rest /= 10) scale /= 10;
  return Math.floor(value * scale + 0.5) / scale;
}

/** @param {Shard} shard @returns {string[]} */
function wordsOf(shard) {
  try {
    const words = JSON.parse(shard.metadata.get(WORDS) ?? '[]');
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch { /* said below */ }
  throw shard.fault('its words are no list of texts');
}

/** @param {Kind} kind */
function mayBeNull(kind) {
  return kind[0] === 'any' && kind.includes('null');
}

/** A kind but for null; an integer or number is a number. @param {Kind} kind @returns {Kind} */
function withoutNull(kind) {
  const kinds = /** @type {Kind[]} */ (kind[0] === 'any' ? kind.slice(1) : [kind]).filter((one) => one !== 'null');
  return kinds[kinds.length - 1];
}
