// A static server on loopback, and a browser that may reach nothing else.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

import { chromium } from 'playwright-core';

const TYPES = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };

/** Serves the files of a folder, as any static host does. */
export const serve = async (folder) => {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    try {
      if (pathname.includes('..')) throw new Error('there is nothing');
      const path = join(folder, decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
      const content = await readFile(path);
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream').end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
};

/** Starts Chromium; `CHROMIUM` names another program. */
export const browse = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

/** Opens a page, and keeps what it asks of elsewhere, what is wrong in it, and what its policy refuses. */
export const open = async (browser, address, options = {}) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { elsewhere: [], wrong: [] };
  const own = new URL(address).origin;
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(own) && !url.startsWith('blob:') && !url.startsWith('data:') && url !== 'about:srcdoc') seen.elsewhere.push(url);
  });
  page.on('pageerror', (error) => seen.wrong.push(`${error}`));
  page.on('console', (message) => {
    if (message.type() === 'error') seen.wrong.push(message.text());
  });
  await page.goto(address);
  return { page, context, seen };
};
