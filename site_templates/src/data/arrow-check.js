/**
 * Values of an Arrow file proved before use: offsets and counts are believed by readers as they are written, and a
 * wrong one would show a part of another value. What passes here is read without leaving its buffers.
 */

/** @typedef {import('@uwdata/flechette').Column<any>} Column */
/** @typedef {Column['data'][number]} Batch */

const [INTEGER, FLOAT, BINARY, TEXT, FLAG, LIST] = [2, 3, 4, 5, 6, 12];

/**
 * What is wrong with a column, in words; '' if nothing is.
 * @param {Column} column
 * @param {number} rows of the table
 * @param {boolean} nullable
 */
export function columnFault(column, rows, nullable) {
  // A writer makes one batch; many could all point to the same bytes.
  if (column.data.length > 1) return `there are ${column.data.length} record batches, not 1`;
  if (column.length !== rows) return `there are ${column.length} values, not ${rows}`;
  return column.data.length === 0 ? '' : batchFault(column.data[0], nullable);
}

/**
 * @param {Batch} batch
 * @param {boolean} nullable
 * @returns {string}
 */
function batchFault(batch, nullable) {
  const { length, nullCount, validity } = batch;
  if (!isCount(length) || !isCount(nullCount) || nullCount > length) return `its counts are ${length} and ${nullCount}`;
  if (nullCount > 0 && !nullable) return 'a value is null';
  if (nullCount > 0 && (validity?.length ?? 0) * 8 < length) return 'its values are cut short';
  return length === 0 ? '' : valuesFault(batch, length);
}

/** @param {Batch} batch @param {number} length @returns {string} */
function valuesFault(batch, length) {
  const { values } = batch;
  switch (batch.type.typeId) {
    case INTEGER:
    case FLOAT: return (values?.length ?? 0) < length ? 'its values are cut short' : '';
    case FLAG: return (values?.length ?? 0) * 8 < length ? 'its values are cut short' : '';
    case BINARY: return offsetsFault(batch, length, values?.length ?? 0);
    case TEXT: return offsetsFault(batch, length, values?.length ?? 0) || textFault(batch, length);
    case LIST: {
      const [items] = batch.children ?? [];
      return offsetsFault(batch, length, items.length) || batchFault(items, false);
    }
    default: return `it is of Arrow type ${batch.type.typeId}`;
  }
}

/** @param {Batch} batch @param {number} length @param {number} end of what the offsets lead into */
function offsetsFault({ offsets }, length, end) {
  if (!offsets || offsets.length <= length) return 'its offsets are cut short';
  let before = 0;
  for (let i = 0; i <= length; i++) {
    if (!(offsets[i] >= before)) return `its offset ${i} is before the one before`;
    before = Number(offsets[i]);
  }
  return before > end ? `its offsets lead to ${before} of ${end}` : '';
}

/** Whether every text is UTF-8 by itself. @param {Batch} batch @param {number} length */
function textFault(batch, length) {
  const bytes = /** @type {Uint8Array} */ (batch.values);
  const offsets = /** @type {Int32Array} */ (batch.offsets);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(offsets[0], offsets[length]));
  } catch {
    return 'a text is not UTF-8';
  }
  for (let i = 0; i < length; i++) {
    if (offsets[i] < offsets[length] && (bytes[offsets[i]] & 0xc0) === 0x80) return 'a text begins within a character';
  }
  return '';
}

/** @param {number} number */
function isCount(number) {
  return Number.isSafeInteger(number) && number >= 0;
}
