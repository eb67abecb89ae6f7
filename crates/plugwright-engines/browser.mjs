// Replays traces from wasmtime in Chromium. The page gets jco's modules from this process, and loads nothing else.
//
// Arguments, standard input and standard output are as in `node.mjs`. `CHROMIUM` can name another program than `chromium`.

import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { browse, serve } from './served.mjs';
import { transpiled } from './transpiled.mjs';

const own = dirname(fileURLToPath(import.meta.url));
const { folder, imports } = await transpiled(process.argv[2]);

const SHIM = '/shim/@bytecodealliance/preview2-shim/dist';
const page = `<!doctype html>
<script type="importmap">${JSON.stringify({
  imports: {
    '@bytecodealliance/preview2-shim': `${SHIM}/browser/index.js`,
    '@bytecodealliance/preview2-shim/instantiation': `${SHIM}/common/instantiation.js`,
    '@bytecodealliance/preview2-shim/': `${SHIM}/browser/`,
  },
})}</script>
<script type="module">
  import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
  import { replay } from '/own/replay.mjs';
  import { instantiate } from '/plugin/plugin.js';
  const modules = new Map();
  const module = (name) => {
    if (!modules.has(name)) modules.set(name, WebAssembly.compileStreaming(fetch('/plugin/' + name)));
    return modules.get(name);
  };
  const wasi = () => new WASIShim().getImportObject();
  window.replay = (asked) => replay({ instantiate, module, imports: ${JSON.stringify(imports)}, wasi }, asked);
</script>`;

await writeFile(join(folder, 'index.html'), page);
const places = { own, plugin: folder, shim: join(own, 'node_modules') };
const server = await serve((path) => {
  const [, place, ...rest] = path.split('/');
  return path === '/' ? join(folder, 'index.html') : join(places[place], ...rest);
});
const browser = await browse();
const tab = await browser.newPage();
const wrong = [];
tab.on('pageerror', (error) => wrong.push(`${error}`));
await tab.goto(server.address);
try {
  await tab.waitForFunction(() => window.replay, null, { timeout: 30_000 });
  for await (const line of createInterface({ input: process.stdin })) {
    const told = await tab.evaluate((asked) => window.replay(asked), JSON.parse(line));
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
} catch (error) {
  process.stdout.write(`${JSON.stringify({ difference: [...wrong, error].join('; ') })}\n`);
}
await browser.close();
server.close();
await rm(folder, { recursive: true });
