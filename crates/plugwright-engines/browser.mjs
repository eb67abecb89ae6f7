// Does in Chromium what happened in wasmtime: a page asks this process for jco's modules, and for nothing else.
//
// Arguments, standard input and output are those of `node.mjs`. `CHROMIUM` names another program than `chromium`.

import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

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

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const places = { own, plugin: folder, shim: join(own, 'node_modules') };
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const [, place, ...rest] = pathname.split('/');
  if (pathname === '/') return response.setHeader('content-type', 'text/html').end(page);
  try {
    if (!places[place] || rest.includes('..')) throw new Error('there is nothing');
    const content = await readFile(join(places[place], ...rest));
    response.setHeader('content-type', types[extname(pathname)] ?? 'application/octet-stream').end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const tab = await browser.newPage();
const wrong = [];
tab.on('pageerror', (error) => wrong.push(`${error}`));
await tab.goto(`http://127.0.0.1:${server.address().port}/`);
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
