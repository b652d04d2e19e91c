/**
 * The viewer: opens the report that boot.js found, builds the shell, and shows whichever view the address names.
 * @import { Manifest } from './data/types.js'
 * @import { Context } from './parts/types.js'
 */
import { openParts } from './data/parts.js';
import { openReport } from './data/report.js';
import { openManifest } from './data/tables.js';
import { transportFor } from './data/transport.js';
import { publishConsole } from './shell/console.js';
import { createStage } from './draw/stage.js';
import { layerRows } from './state/layout.js';
import { createState } from './state/state.js';
import { Shell } from './shell/shell.js';
import { createTheme } from './shell/theme.js';
import { createTooltip } from './parts/tooltip.js';
import { createSearch } from './parts/search/search.js';
import { waysOf } from './parts/ways.js';
import { VIEWS } from './views/list.js';

/**
 * What boot.js found, and who says what fails.
 * @typedef {{manifest: Manifest, base: string, fail: (error: unknown) => void}} Boot
 */

const page = /** @type {Window & {attnvizBoot?: Boot}} */ (window);
if (page.attnvizBoot) {
  const boot = page.attnvizBoot;
  delete page.attnvizBoot;
  start(boot).catch(boot.fail);
}

/** @param {Boot} boot */
async function start({ base, manifest: written }) {
  const fetchBytes = transportFor(base, written.site?.open);
  openParts(base, fetchBytes);
  const manifest = await openManifest(written, fetchBytes);
  const report = openReport({ base, fetchBytes, manifest, written });
  const state = createState(report, VIEWS.map(({ name }) => name), window,
    document.documentElement.dataset.start);
  const theme = createTheme(report.manifest.site.theme);
  /** @type {Context} */
  const context = {
    report, state, theme,
    stage: createStage(state.get().renderer),
    tooltip: createTooltip(),
    search: createSearch(report, state),
    ways: (view) => waysOf(VIEWS, view),
    rows: (model) => layerRows(report.heads(model)),
    hint() {}, announce() {}, notify() {},
  };
  new Shell(context, VIEWS);
  publishConsole(report, state);
}
