// Builds the playground: `node build.mjs ROOT SITE`. ROOT is the root of the repository, whose plugins must be built. SITE is the folder of the site, which
// must have the report and the guide already.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { parse } from 'smol-toml';

import { transpiled } from './transpiled.mjs';

const [root, site] = process.argv.slice(2);
const dist = resolve(root, process.env.PLUGWRIGHT_DIST ?? 'dist');
const own = join(dirname(fileURLToPath(import.meta.url)), 'page');

/** The groups of plugins, with their folders in `dist/` and the folders of their cases. */
const GROUPS = [
  { label: 'Plugins', folder: '.', cases: 'tests/cases' },
  { label: 'A contract of its own', folder: 'examples', cases: null },
];

/** The cases that show best what their plugins do. */
const FIRST = new Set(['deploy', 'photo', 'tables', 'uspop']);

/** The largest document of an example, in bytes, and the greatest number of examples for one plugin. */
const MOST_BYTES = 64 << 10;
const MOST_SAMPLES = 12;

const TYPES = new Map(Object.entries(JSON.parse(await readFile(join(own, 'media-types.json'), 'utf8'))));

const shared = { bundle: true, minify: true, target: 'es2022', outdir: site, logLevel: 'warning', legalComments: 'none', metafile: true };

/** Returns a file as text, with the digest for a content security policy. */
const textAndHash = async (path) => {
  const { outputFiles } = await build({ ...shared, metafile: false, format: 'iife', entryPoints: [path], write: false });
  const text = outputFiles[0].text.trim();
  return { text, hash: `sha256-${createHash('sha256').update(text).digest('base64')}` };
};

/** A plugin for esbuild: an import of `text-and-hash:PATH` puts a file's text and digest into a module. */
const inlined = {
  name: 'text-and-hash',
  setup: (it) => {
    it.onResolve({ filter: /^text-and-hash:/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.replace(/^.*?:/, '')), namespace: 'text-and-hash' }));
    it.onLoad({ filter: /./, namespace: 'text-and-hash' }, async ({ path }) => ({ contents: JSON.stringify(await textAndHash(path)), loader: 'json' }));
  },
};

const bundle = async () => {
  const modules = ['main.js', 'tools.js', 'style.css'];
  // jco's code can read files in Node, which the page never does, so `node:` imports stay external. A frame without an origin cannot load modules, so the
  // worker is one script.
  const built = [
    await build({ ...shared, format: 'esm', entryPoints: modules.map((it) => join(own, it)), external: ['node:*'], plugins: [inlined] }),
    await build({ ...shared, format: 'iife', entryPoints: [join(own, 'worker.js')] }),
  ];
  const vendor = dirname(fileURLToPath(import.meta.resolve('@bytecodealliance/jco-transpile/component')));
  for (const name of await readdir(vendor)) if (name.startsWith('js-component-bindgen-component.core')) await cp(join(vendor, name), join(site, name));
  await cp(join(own, 'icon.svg'), join(site, 'icon.svg'));
  let html = await readFile(join(own, 'index.html'), 'utf8');
  for (const name of ['runner.js', 'frame.css']) html = html.replace(`HASH OF ${name}`, (await textAndHash(join(own, name))).hash);
  await writeFile(join(site, 'index.html'), html);
  await writeFile(join(site, 'licences.txt'), await licences(built.flatMap(({ metafile }) => Object.keys(metafile.inputs))));
};

/** Returns the licences of the packages to which these files belong. The licences require that they are passed on. */
const licences = async (inputs) => {
  const packages = inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean);
  const texts = [];
  for (const name of [...new Set(packages)].sort()) {
    const folder = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', name);
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const files = (await readdir(folder)).filter((it) => /^licen[cs]e/i.test(it)).sort();
    if (files.length === 0) throw new Error(`the package ${name} contains no licence file`);
    const text = await Promise.all(files.map((it) => readFile(join(folder, it), 'utf8')));
    texts.push(`${name} ${version}, ${license}\n\n${text.join('\n\n')}`);
  }
  return texts.join(`\n\n${'-'.repeat(80)}\n\n`);
};

const wasmTools = (...options) => execFileSync('wasm-tools', options, { encoding: 'utf8', maxBuffer: 256 << 20 });

/** Writes jco's translation of the component and its interface into a folder, and returns the names of its core modules. */
const made = async (component, folder) => {
  await mkdir(folder, { recursive: true });
  const { folder: from } = await transpiled(component);
  const names = (await readdir(from)).filter((name) => ['.js', '.wasm'].includes(extname(name)));
  for (const name of names) await cp(join(from, name), join(folder, name));
  await rm(from, { recursive: true });
  await writeFile(join(folder, 'interface.json'), JSON.stringify(JSON.parse(wasmTools('component', 'wit', '--json', component))));
  return names.filter((name) => name.endsWith('.wasm'));
};

/** Returns a case as an example, if the case needs only a document and options. */
const sample = async (folder, name) => {
  const kind = extname(name);
  if (kind === '.calls') return null;
  const { input = name, options = [], ...wants } = kind === '.case' ? parse(await readFile(join(folder, name), 'utf8')) : {};
  const known = ['expect', 'source'];
  if (typeof input !== 'string' || Object.keys(wants).some((it) => !known.includes(it))) return null;
  const file = join(folder, input);
  if (!existsSync(file)) return null;
  const body = await readFile(file);
  if (body.length > MOST_BYTES) return null;
  const settings = Object.fromEntries(options.map((it) => [it.slice(0, it.indexOf('=')), it.slice(it.indexOf('=') + 1)]));
  const document = { name: basename(input), mediaType: TYPES.get(extname(input).slice(1)) ?? 'application/octet-stream' };
  return { title: basename(name, kind), source: wants.source === 'written for this case' ? undefined : wants.source, refused: wants.expect === 'failure', options: settings, input: document, body: body.toString('base64') };
};

const samplesOf = async (folder) => {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder, { withFileTypes: true })).filter((it) => it.isFile()).map(({ name }) => name);
  const samples = [];
  // Plain documents come first, then cases with options, and last cases that are refused.
  const rank = (name, { title, refused }) => (FIRST.has(title) ? 0 : refused ? 3 : name.endsWith('.case') ? 2 : 1);
  for (const name of names.sort()) {
    const made = await sample(folder, name);
    if (made) samples.push({ rank: rank(name, made), ...made });
  }
  const count = ({ options }) => Object.keys(options).length;
  samples.sort((one, other) => one.rank - other.rank || count(one) - count(other) || other.body.length - one.body.length);
  const refused = samples.filter((it) => it.refused);
  const kept = [...samples.filter((it) => !it.refused).slice(0, MOST_SAMPLES - Math.min(3, refused.length)), ...refused];
  return kept.slice(0, MOST_SAMPLES).map(({ rank: _, refused: __, ...it }) => it);
};

const plugins = async () => {
  const all = [];
  for (const { label, folder, cases } of GROUPS) {
    const from = join(dist, folder);
    if (!existsSync(join(from, 'plugins.json'))) throw new Error(`there are no plugins in ${from}: run \`just build\``);
    for (const { name, bytes } of JSON.parse(await readFile(join(from, 'plugins.json'), 'utf8'))) {
      const place = join(site, 'plugins', name);
      const files = await made(join(from, `${name}.wasm`), place);
      const samples = cases ? await samplesOf(join(root, cases, name)) : [];
      if (samples.length > 0) await writeFile(join(place, 'samples.json'), JSON.stringify(samples));
      const path = `plugins/${name}/`;
      all.push({ name, group: label, size: bytes, folder: path, files, samples: samples.length > 0 ? `${path}samples.json` : null });
    }
  }
  await made(join(dist, 'site/interface.wasm'), join(site, 'plugins/interface'));
  await writeFile(join(site, 'plugins/index.json'), JSON.stringify(all));
};

/** Adds links back to the playground to the report and the guide. */
const linked = async () => {
  const report = join(site, 'report.html');
  await edit(report, (html) => html.replace('<nav aria-label="Parts of the report">', (nav) => `<nav aria-label="Site"><a href="./">Playground</a></nav>${nav}`));
  const guide = join(site, 'guide');
  for (const name of await readdir(guide)) {
    if (name.endsWith('.html')) await edit(join(guide, name), (html) => html.replace(/(<h1 class="menu-title">)(.*?)(<\/h1>)/, '$1<a href="../">$2</a>$3'));
  }
};

const edit = async (file, change) => writeFile(file, change(await readFile(file, 'utf8')));

await mkdir(site, { recursive: true });
await Promise.all([bundle(), plugins(), linked()]);
