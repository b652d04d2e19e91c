/**
 * Which scripts the viewer's bundle has, and which modules each of them has.
 *
 * `viewer` has what the page starts with. Each module that sources ask for by `import()` is a script of its own, a
 * part, with what it needs beyond the viewer; what several parts need is the script `shared`. Scripts take modules from
 * one another by name, so that no module is in two of them.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, posix, relative } from 'node:path';
import { build } from 'esbuild';

/** @typedef {{name: string, entry?: string, modules: Set<string>}} Script modules by their paths in site_templates */

const ENTRY = 'src/main.js';
const LOADER = 'src/data/parts.js';
const DYNAMIC = /\bimport\('(\.[^']+)'\)/g;

/**
 * The scripts in the order in which they can be made: parts, what they share, the viewer.
 * @param {import('esbuild').BuildOptions} options
 * @returns {Promise<{scripts: Script[], inputs: Record<string, any>}>}
 */
export async function splitScripts(options) {
  const { metafile: { inputs } } = await build({
    ...options, entryPoints: [ENTRY], outdir: 'dist', write: false, metafile: true, logLevel: 'error', plugins: [],
  });
  const viewer = reach(inputs, ENTRY, new Set());
  const entries = [...new Set([...viewer].flatMap((path) => imports(inputs, path, 'dynamic-import')))].sort();
  const reached = entries.map((entry) => reach(inputs, entry, viewer));
  const shared = new Set(reached.flatMap((modules) => [...modules])
    .filter((path) => reached.filter((modules) => modules.has(path)).length > 1));
  const parts = entries.map((entry, number) => ({
    name: partName(entry), entry, modules: new Set([...reached[number]].filter((path) => !shared.has(path))),
  }));
  for (const { name, entry, modules } of parts) {
    if (!modules.has(entry)) throw new Error(`${entry}, which is asked for by import(), is imported plainly as well`);
    if (parts.find((part) => part.name === name)?.entry !== entry) throw new Error(`two parts are called ${name}`);
  }
  return { scripts: [...parts, { name: 'shared', modules: shared }, { name: 'viewer', modules: viewer }], inputs };
}

/** A script's name, from the module that is asked for. @param {string} path */
function partName(path) {
  return basename(path, '.js');
}

/** The modules that one needs to start, itself included, but for those that are there already. */
function reach(inputs, entry, known) {
  const modules = new Set();
  const ahead = [entry];
  for (let path = ahead.pop(); path; path = ahead.pop()) {
    if (modules.has(path) || known.has(path)) continue;
    modules.add(path);
    ahead.push(...imports(inputs, path, 'import-statement'));
  }
  return modules;
}

function imports(inputs, path, kind) {
  return inputs[path].imports.filter((each) => each.kind === kind && inputs[each.path]).map((each) => each.path);
}

/**
 * The modules of a script that other scripts import.
 * @param {Script} script
 * @param {readonly Script[]} scripts
 * @param {Record<string, any>} inputs
 */
export function provided(script, scripts, inputs) {
  const asked = scripts.filter((other) => other !== script)
    .flatMap(({ modules }) => [...modules].flatMap((path) => imports(inputs, path, 'import-statement')));
  return [...new Set(asked)].filter((path) => script.modules.has(path)).sort();
}

/**
 * Lets a script take from others what is not its own.
 * @param {string} root
 * @param {Set<string>} modules paths of its own
 */
export function takeOthers(root, modules) {
  return {
    name: 'take-others',
    setup: (plugin) => plugin.onResolve({ filter: /^\.|^[@a-z]/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'resolved' || rest.kind !== 'import-statement') return undefined;
      const target = await plugin.resolve(path, { ...rest, pluginData: 'resolved' });
      const name = relative(root, target.path).replaceAll('\\', '/');
      return target.errors.length || modules.has(name) ? target : { path: name, external: true };
    }),
  };
}

/**
 * Makes each `import()` of a part the loading of its script.
 * @param {string} root
 * @param {readonly Script[]} scripts
 */
export function loadParts(root, scripts) {
  const names = new Map(scripts.map(({ entry, name }) => [entry, name]));
  return {
    name: 'load-parts',
    setup: (plugin) => plugin.onLoad({ filter: /[\\/]src[\\/].*\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const folder = dirname(relative(root, path)).replaceAll('\\', '/');
      const contents = text.replace(DYNAMIC, (call, target) => {
        const name = names.get(posix.join(folder, target));
        return name ? `loadPart(${JSON.stringify(name)})` : call;
      });
      const loader = `./${posix.relative(folder, LOADER)}`;
      return contents === text ? undefined : { contents: `import { loadPart } from '${loader}';\n${contents}` };
    }),
  };
}

/**
 * The first module of the viewer's script: what parts there are, and what they may take from it.
 * @param {Record<string, object>} parts
 * @param {readonly string[]} modules
 */
export function bundleModule(parts, modules) {
  const names = modules.map((path, number) => `import * as m${number} from './${path}';`);
  const entries = modules.map((path, number) => `${JSON.stringify(path)}: m${number}`);
  return [`import { provide } from './${LOADER}';`, ...names,
    `provide(${JSON.stringify(parts)}, {${entries.join(', ')}});`].join('\n');
}

/** A script that exports modules by their paths. @param {readonly string[]} modules */
export function sharedModule(modules) {
  return modules.map((path) => `export * as ${JSON.stringify(path)} from './${path}';`).join('\n');
}

/** A virtual module of the build, by its name. @param {string} root @param {string} name @param {string} contents */
export function virtual(root, name, contents) {
  return {
    name: 'virtual',
    setup: (plugin) => {
      const place = { path: join(root, `${name}.js`), namespace: 'virtual' };
      plugin.onResolve({ filter: new RegExp(`^${name}$`) }, () => place);
      plugin.onLoad({ filter: /.*/, namespace: 'virtual' }, () => ({ contents, resolveDir: root }));
    },
  };
}
