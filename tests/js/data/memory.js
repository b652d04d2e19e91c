/** The fixture report behind a transport that reads from memory, notes every request, and can be broken. */
import { openReport } from '../../../site_templates/src/data/report.js';
import { DataError } from '../../../site_templates/src/data/errors.js';
import { buildReport } from './report-fixture.js';

/**
 * @param {object} [options]
 * @param {number} [options.budget]
 * @param {(built: ReturnType<typeof buildReport>) => void} [options.spoil] changes files or manifest first
 */
export function openMemory({ budget, spoil } = {}) {
  const built = buildReport();
  spoil?.(built);
  const requests = [];
  const fetchBytes = async (path, options = {}) => {
    requests.push(options.fresh ? `${path} fresh` : path);
    const bytes = built.files.get(path);
    if (!bytes) throw new DataError('missing', path, `${path} is not there.`);
    return new Uint8Array(bytes);
  };
  const report = openReport({ manifest: built.manifest, base: 'http://localhost/', fetchBytes, budget });
  const events = [];
  report.onChange((event) => events.push(event));
  return { ...built, requests, events, report, pathOf: (id) => built.manifest.shards[id].path };
}
