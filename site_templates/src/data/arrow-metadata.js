/**
 * What an Arrow file says of itself, walked before it is decoded: decoders believe the lengths of its lists, and a
 * wrong one would take all memory. It is in FlatBuffers: tables whose fields are found by slots, vectors of a length.
 */

const MAGIC = 'ARROW1';
const RECORD_BATCH = 3;
const END = MAGIC.length + 4; // the footer's length, then the magic again
/** Far more than a shard has: 20 columns of lists, with names. */
const MOST_ITEMS = 10_000;

/**
 * @param {Uint8Array} bytes
 * @throws {Error} for what is no Arrow file of one uncompressed batch
 */
export function checkMetadata(bytes) {
  for (const at of [0, bytes.length - MAGIC.length]) {
    const magic = String.fromCharCode(...bytes.subarray(Math.max(0, at), at + MAGIC.length));
    if (magic !== MAGIC) throw new Error(`it does not ${at ? 'end' : 'begin'} with ${MAGIC}`);
  }
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const walk = new Walk(file, bytes.length - END - file.getInt32(bytes.length - END, true));
  const footer = walk.root();
  walk.schema(footer(6));
  walk.vector(footer(12), 4);
  if (walk.vector(footer(8), 24).length > 0) throw new Error('it has dictionaries');
  const batches = walk.vector(footer(10), 24);
  if (batches.length > 1) throw new Error(`it has ${batches.length} record batches, not 1`);
  for (const block of batches) checkBatch(file, Number(file.getBigInt64(block, true)));
}

/** @param {DataView} file @param {number} start of the message */
function checkBatch(file, start) {
  const at = start + (file.getInt32(start, true) === -1 ? 8 : 4);
  const length = file.getInt32(at - 4, true);
  const walk = new Walk(new DataView(file.buffer, file.byteOffset + at, length), 0);
  const message = walk.root();
  if (walk.view.getUint8(message(6)) !== RECORD_BATCH) throw new Error('a message is no record batch');
  const batch = walk.table(walk.follow(message(8)));
  for (const [slot, size] of [[6, 16], [8, 16], [12, 8]]) walk.vector(batch(slot), size);
  if (batch(10) !== 0) throw new Error('it is compressed');
}

/** A walk over the tables of one message. Places out of the view throw by themselves. */
class Walk {
  /** @param {DataView} view @param {number} start */
  constructor(view, start) {
    this.view = view;
    this.start = start;
    this.items = 0;
  }

  root() {
    return this.table(this.follow(this.start));
  }

  /** Where an offset leads. @param {number} at */
  follow(at) {
    return at + this.view.getInt32(at, true);
  }

  /**
   * A table's fields: the place of each by its slot, 0 where it has none.
   * @param {number} at
   * @returns {(slot: number) => number}
   */
  table(at) {
    const fields = at - this.view.getInt32(at, true);
    const size = this.view.getUint16(fields, true);
    return (slot) => {
      const offset = slot < size ? this.view.getUint16(fields + slot, true) : 0;
      return offset && at + offset;
    };
  }

  /**
   * The places of a vector's items; none where there is no vector.
   * @param {number} at
   * @param {number} size of an item
   */
  vector(at, size) {
    if (at === 0) return [];
    const base = this.follow(at);
    const length = this.view.getInt32(base, true);
    this.items += length;
    const fits = length >= 0 && this.items <= MOST_ITEMS && base + 4 + length * size <= this.view.byteLength;
    if (!fits) throw new Error(`a list of it has ${length} items`);
    return Array.from({ length }, (_, i) => base + 4 + i * size);
  }

  /** @param {number} at */
  schema(at) {
    if (at === 0) throw new Error('it has no schema');
    const schema = this.table(this.follow(at));
    this.vector(schema(8), 4);
    this.fields(schema(6));
  }

  /** @param {number} at */
  fields(at) {
    for (const item of this.vector(at, 4)) {
      const field = this.table(this.follow(item));
      this.vector(field(16), 4);
      this.fields(field(14));
    }
  }
}
