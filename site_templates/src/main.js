/**
 * The viewer: opens the report that boot.js found, builds the shell, and shows whichever view the address names.
 * @import { Manifest } from './data/types.js'
 * @import { Context } from './parts/types.js'
 */
import { checkManifest } from './data/manifest.js';
import { openParts } from './data/parts.js';
import { openReport } from './data/report.js';
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

/** @typedef {{manifest: Manifest, base: string}} Boot */

start();

function start() {
  const page = /** @type {Window & {attnvizBoot?: Boot}} */ (window);
  const boot = page.attnvizBoot;
  if (!boot) return;
  delete page.attnvizBoot;
  const fetchBytes = transportFor(boot.base, boot.manifest.site?.open);
  openParts(boot.base, fetchBytes);
  const report = openReport({ ...boot, fetchBytes, manifest: checkManifest(boot.manifest) });
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
