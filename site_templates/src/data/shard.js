/** A decoded shard: an Arrow table whose identity and columns were checked. */
import { tableFromIPC } from '@uwdata/flechette';
import { ENCODINGS, KINDS, LABEL, NULLABLE, RECORDS, SHARD_VERSION } from '../format/columns.js';
import { columnFault } from './arrow-check.js';
import { checkMetadata } from './arrow-metadata.js';
import { DataError } from './errors.js';
import { checkFormat } from './version.js';

/** @import { ShardEntry } from './types.d.ts' */
/**
 * @typedef {Float32Array | Float64Array} FloatArray
 * @typedef {Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array} IntegerArray
 * @typedef {FloatArray | IntegerArray} NumberArray
 */

export class Shard {
  /**
   * @param {ShardEntry} entry
   * @param {import('@uwdata/flechette').Table} table
   */
  constructor(entry, table) {
    this.entry = entry;
    this.path = entry.path;
    this.rows = table.numRows;
    /** @type {Map<string, import('@uwdata/flechette').Column<any>>} */
    this.columns = new Map(table.names.map((name, i) => [String(name), table.getChildAt(i)]));
    this.metadata = table.schema.metadata ?? new Map();
  }

  /** Arrow's own words for a column's type: "uint16", "list<float64>". @param {string} name */
  type(name) {
    return typeName(this.column(name).type);
  }

  /**
   * All values of a numeric column; no copy where the shard has one record batch.
   * @param {string} name
   * @returns {NumberArray}
   */
  numbers(name) {
    return /** @type {NumberArray} */ (this.column(name).toArray());
  }

  /**
   * One value of any column.
   * @param {string} name
   * @param {number} row
   */
  value(name, row) {
    return this.column(name).at(row);
  }

  /**
   * One row of a list column as a view on the shard's bytes; null where the row is null.
   * @template {NumberArray} T
   * @param {string} name
   * @param {number} row
   * @returns {T | null}
   */
  list(name, row) {
    return /** @type {T | null} */ (this.column(name).at(row));
  }

  /**
   * A list that the format says is there.
   * @template {NumberArray} T
   * @param {string} name
   * @param {number} row
   * @param {number} [length] how long it must be
   * @returns {T}
   */
  need(name, row, length) {
    const list = /** @type {T | null} */ (this.list(name, row));
    if (!list) throw this.fault(`row ${row} has no ${name}`);
    if (length !== undefined && list.length !== length) {
      throw this.fault(`row ${row} has ${list.length} values in ${name}, not ${length}`);
    }
    return list;
  }

  /**
   * The same, of numbers that are all finite.
   * @template {NumberArray} T
   * @param {string} name
   * @param {number} row
   * @param {number} [length]
   * @returns {T}
   */
  needFinite(name, row, length) {
    /** @type {T} */
    const list = this.need(name, row, length);
    if (!list.every(Number.isFinite)) throw this.fault(`row ${row} has a number in ${name} that is none`);
    return list;
  }

  /** @param {string} what */
  fault(what) {
    return formatFault(this.path, what);
  }

  /** @param {string} name */
  column(name) {
    const column = this.columns.get(name);
    if (!column) throw this.fault(`there is no column ${name}`);
    return column;
  }
}

/**
 * The columns that a shard must have, and their types; undefined for an unknown kind or encoding.
 * @param {ShardEntry} entry
 * @returns {Record<string, string> | undefined}
 */
function columnsOf(entry) {
  return entry.kind === 'attention' ? ENCODINGS[entry.encoding ?? ''] : KINDS[entry.kind];
}

/**
 * Decodes the bytes of a shard, after their hash was checked.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {ShardEntry} entry
 * @throws {DataError} version or format
 */
export function decodeShard(bytes, entry) {
  const expected = columnsOf(entry);
  if (!expected) {
    const kind = entry.encoding ?? entry.kind;
    throw new DataError('version', entry.path, `${entry.path} holds ${kind}, which this viewer does not know. `
      + 'Open the report with the viewer it was built with.');
  }
  const table = decodeTable(bytes, entry.path);
  const metadata = table.schema.metadata ?? new Map();
  const version = metadata.get('format_version');
  checkFormat(metadata.get('format'), version === undefined ? version : Number(version), entry.path,
    [SHARD_VERSION]);
  if (metadata.get('kind') !== entry.kind) {
    throw formatFault(entry.path, `it holds ${metadata.get('kind')}, the manifest says ${entry.kind}`);
  }
  if (table.numRows !== entry.rows) {
    throw formatFault(entry.path, `it has ${table.numRows} rows, the manifest says ${entry.rows}`);
  }
  checkColumns(table, expected, entry.path, RECORDS.includes(entry.kind));
  return new Shard(entry, table);
}

/**
 * @param {import('@uwdata/flechette').Table} table
 * @param {Record<string, string>} expected
 * @param {string} path
 * @param {boolean} ofRecords whether rows are parts of the manifest, of which any key may be null
 */
function checkColumns(table, expected, path, ofRecords) {
  const { fields } = table.schema;
  for (const [name, type] of Object.entries(expected)) {
    const field = fields.find((candidate) => candidate.name === name);
    const actual = field ? typeName(field.type) : 'missing';
    if (actual !== type) throw formatFault(path, `column ${name} is ${actual}, not ${type}`);
  }
  fields.forEach(({ name, type }, at) => {
    if (fields.findIndex((field) => field.name === name) !== at) throw formatFault(path, `two columns are ${name}`);
    const isLabel = name.startsWith(LABEL);
    if (isLabel && typeName(type) !== 'utf8') throw formatFault(path, `column ${name} is ${typeName(type)}, not utf8`);
    const fault = columnFault(table.getChildAt(at), table.numRows, ofRecords || isLabel || NULLABLE.includes(name));
    if (fault) throw formatFault(path, `in column ${name} ${fault}`);
  });
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} path
 */
function decodeTable(bytes, path) {
  try {
    checkMetadata(bytes);
    return tableFromIPC(bytes);
  } catch (error) {
    throw formatFault(path, `it is not an Arrow file that can be read here (${/** @type {Error} */ (error).message})`);
  }
}

/**
 * Arrow's own words for a type: "uint16", "list<float64>".
 * @param {any} type
 * @returns {string}
 */
function typeName(type) {
  switch (type.typeId) {
    case 2: return `${type.signed ? 'int' : 'uint'}${type.bitWidth}`;
    case 3: return `float${16 << type.precision}`;
    case 4: return 'binary';
    case 5: return 'utf8';
    case 6: return 'bool';
    case 12: return `list<${typeName(type.children[0].type)}>`;
    default: return `Arrow type ${type.typeId}`;
  }
}

/**
 * @param {string} path
 * @param {string} what
 */
export function formatFault(path, what) {
  const message = `${path} does not follow the report format: ${what}. Please build the report again.`;
  return new DataError('format', path, message);
}
