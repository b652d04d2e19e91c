/** Flechette, found where the viewer's packages are installed. */
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../site_templates/package.json', import.meta.url));

export const {
  binary, bool, columnFromArray, float32, float64, int16, int32, int8, list, tableFromColumns, tableToIPC, uint16,
  uint32, uint8, utf8,
} = require('@uwdata/flechette');
