// Hostile plugins, documents and links in the playground.
//
// jco's translation of a plugin is in `plugin.js`. A test that needs other code, or a plugin with certain answers, replaces this file. An attacker who breaks out
// of a component could do no more than that.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

import { begin, choose, drop, end, inPage, ready, run, server, statusIs, type } from './opened.mjs';

before(begin);
after(end);

const own = dirname(fileURLToPath(import.meta.url));

/** A plugin that answers with the JavaScript expression `transform`. */
const answering = (transform, description = '{}') => ({
  'plugins/count/plugin.js': `export const instantiate = async () => ({ 'plugwright:plugin/transform': {
    describe: () => ({ name: 'count', version: '0.1.0', summary: 'is hostile', takes: ['*/*'], gives: ['*/*'], options: [], ...${description} }),
    transform: () => { const made = (mediaType, body, attributes = [], name = 'a') => ({ name, mediaType, body: new TextEncoder().encode(body), attributes }); return ${transform}; } } });`,
});

/** Runs `what`, and checks that the page stays responsive: it must not take much longer than the deadline. */
const goesOn = async (page, what) => {
  const begun = Date.now();
  await what();
  await page.evaluate(() => new Promise(requestAnimationFrame));
  const took = Date.now() - begun;
  assert.ok(took < 8000, `the page stood still for ${took} ms`);
};

test('a component whose names would end quotes in JavaScript is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugwright-site-'));
  const file = join(folder, 'names.wasm');
  execFileSync('wasm-tools', ['strip', join(own, 'hostile/names-that-end-quotes.wat'), '-o', file]);
  await inPage(async (page) => {
    await drop(page, file);
    assert.match(await page.textContent('#failure'), /^the name `.*` cannot be put into JavaScript/);
  });
  await rm(folder, { recursive: true });
});

test('code in the worker of a plugin reaches nothing', async () => {
  const heard = [];
  const elsewhere = createServer((request, response) => {
    heard.push(request.url);
    response.setHeader('access-control-allow-origin', '*').end('export const reached = 1;');
  });
  await new Promise((done) => elsewhere.listen(0, '127.0.0.1', done));
  const other = `http://127.0.0.1:${elsewhere.address().port}/`;
  const ways = (origin) => `{
    fetch: () => fetch('${origin}fetched'),
    script: () => import('${origin}main.js'),
    old: () => importScripts('${origin}main.js'),
    socket: () => new Promise((done, fail) => { const it = new WebSocket('${origin.replace('http', 'ws')}'); it.onopen = done; it.onerror = () => fail(new Error('refused')); }),
    worker: () => new Promise((done, fail) => { const it = new Worker('${origin}main.js'); it.onmessage = done; it.onerror = () => fail(new Error('refused')); setTimeout(() => fail(new Error('nothing')), 500); }),
    nested: () => new Promise((done, fail) => { const it = new Worker(URL.createObjectURL(new Blob(["fetch('${origin}nested').then(() => postMessage(1), () => postMessage(0))"]))); it.onmessage = ({ data }) => (data ? done() : fail(new Error('refused'))); it.onerror = () => fail(new Error('refused')); }),
    data: () => import("data:text/javascript,export const a = 1"),
    caches: () => caches.open('a'),
    database: () => new Promise((done, fail) => { const it = indexedDB.open('a'); it.onsuccess = done; it.onerror = () => fail(new Error('refused')); }),
    beacon: () => { if (!navigator.sendBeacon?.('${origin}beacon')) throw new Error('refused'); },
  }`;
  const code = (origin) => ({
    'plugins/count/plugin.js': `export const instantiate = async () => { const reached = []; for (const [name, way] of Object.entries(${ways(origin)})) try { await way(); reached.push(name); } catch {} throw new Error('reached: ' + reached.join()); };`,
  });
  for (const origin of [other, server.address]) {
    await inPage(async (page) => {
      await page.selectOption('#plugin', 'count');
      await statusIs(page, /^The plugin could not be loaded/);
      assert.equal(await page.textContent('#failure'), 'reached: ');
      // A browser also reports the script that it refuses.
    }, { routes: code(origin), asked: [`${other}main.js`], allowed: ['Content Security Policy', 'violates', 'blocked', 'Failed to load', 'Failed to construct'] });
  }
  // This checks that the server would notice a request.
  assert.equal((await fetch(other)).status, 200);
  assert.deepEqual(heard, ['/']);
  elsewhere.close();
});

/** Messages that a hostile worker could send, each with the page's reaction. */
const FORGED = {
  nothing: ['null', 'its worker sent a message without a call'],
  'an answer to no call': ['{ id: 7, answered: 1 }', 'its worker sent a message without a call'],
  'lines without end': ["({ id: it.id, event: { kind: 'log', text: 'x'.repeat(1000) } })", 'its worker sent too many messages'],
};

for (const [name, [forged, told]] of Object.entries(FORGED)) {
  test(`a worker that tells ${name} is ended`, () =>
    inPage(async (page) => {
      await page.selectOption('#plugin', 'count');
      await goesOn(page, () => statusIs(page, /^The plugin could not be loaded/));
      assert.equal(await page.textContent('#failure'), told);
      await choose(page, 'csv-json');
      await type(page, 'a\n1\n', 'a.csv', 'text/csv');
      assert.match(await run(page), /^application\/json/);
    }, {
      routes: {
        'plugins/count/plugin.js': `const real = MessagePort.prototype.postMessage;
          MessagePort.prototype.postMessage = function (it) { for (let count = 0; count < 200000; count += 1) real.call(this, ${forged}); real.call(this, it); };
          export const instantiate = async () => ({});`,
      },
    }));
}

test('an answer that is forged is shown to some length', () =>
  inPage(async (page) => {
    await choose(page, 'quote');
    await page.locator('#calls summary').first().click();
    await page.getByRole('button', { name: 'Call person-resource' }).click();
    await goesOn(page, () => ready(page));
    assert.ok((await page.locator('#handles button').count()) <= 500);
  }, {
    routes: {
      'plugins/quote/plugin.js': `const real = MessagePort.prototype.postMessage;
        MessagePort.prototype.postMessage = function (it) { if (it.answered?.held) it.answered = { text: 'x'.repeat(1 << 25), milliseconds: 1, held: Array.from({ length: 1e5 }, (_, n) => 'person-resource#' + n) }; real.call(this, it); };
        export const instantiate = async () => ({ 'plugwright:plugin/words': { PersonResource: class {} } });`,
    },
  }));

const HEAVY = {
  'many attributes': `({ ...made('text/plain', 'a'), attributes: Array.from({ length: 1e6 }, () => ({ key: 'a', value: 'b' })) })`,
  'long attributes': `({ ...made('text/plain', 'a'), attributes: Array.from({ length: 3000 }, () => ({ key: 'a', value: '\\0'.repeat(10000) })) })`,
  'a long name': `made('text/plain', 'a', [], '\\0'.repeat(8 << 20))`,
  'a long media type': `made('a/' + 'b'.repeat(8 << 20), 'a')`,
  'a string that is not closed': `made('application/json', '"' + '\\\\"'.repeat(1e6))`,
  'many numbers': `made('application/json', '[' + '1,'.repeat(1e6) + ']')`,
  'comments that are not closed': `made('text/html', '<!--'.repeat(1e6))`,
  'many tags': `made('text/html', '<b>'.repeat(150000))`,
  'a picture that names itself': `made('image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"><g id="a0"><rect width="9" height="9"/></g>' + Array.from({ length: 9 }, (_, n) => '<g id="a' + (n + 1) + '">' + ('<use x:href="#a' + n + '"/>').repeat(10) + '</g>').join('') + '</svg>')`,
  'a long failure': `(() => { throw { tag: 'invalid-input', val: { message: '\\u202e'.repeat(4 << 20), at: { line: 4294967295, column: 0 } } }; })()`,
  'a failure that is none': `(() => { throw { tag: 'none', val: { toString: 1 } }; })()`,
  'no document': '7',
};

for (const [name, transform] of Object.entries(HEAVY)) {
  test(`the page goes on after ${name}`, () =>
    inPage(async (page) => {
      await choose(page, 'count');
      await type(page, 'a');
      await goesOn(page, () => run(page));
      assert.doesNotMatch(await page.textContent('#status'), /^Running/);
    }, { routes: answering(transform), allowed: ['Content Security Policy'] }));
}

test('a description is shown to some length', () =>
  inPage(async (page) => {
    await goesOn(page, () => choose(page, 'count'));
    assert.match(await page.textContent('#options'), /… and 299500 more, which cannot be set here/);
  }, { routes: answering('7', "{ options: Array.from({ length: 300000 }, (_, n) => ({ key: 'k' + n, default: '', help: '`'.repeat(9000) })) }") }));

test('what hides in a text is visible', () =>
  inPage(async (page) => {
    await choose(page, 'count');
    await type(page, 'a');
    await run(page);
    const shown = await page.evaluate(() => document.body.innerText);
    assert.ok(!/[\u202e\u200b\u2066]/.test(shown), shown);
    for (const text of ['sum\\u{202e}', 'key\\u{202e}', 'help\\u{200b}', 'text\\u{2066}', 'value\\u{202e}', 'name\\u{202e}']) assert.ok(shown.includes(text), text);
    assert.equal(await page.getAttribute('a[download]', 'download'), 'name\\u{202e}gnp.exe');
  }, {
    routes: answering(
      `made('text/plain', 'text\\u2066', [{ key: 'a', value: 'value\\u202e' }], 'name\\u202egnp.exe')`,
      `{ summary: 'sum\\u202e', options: [{ key: 'key\\u202e', default: 'x', help: 'help\\u200b \`code\\u200b\`' }] }`,
    ),
  }));

test('text is put into the page in one place', async () => {
  const page = new URL('../page/', import.meta.url);
  for (const name of (await readdir(page)).filter((name) => name.endsWith('.js') && name !== 'element.js')) {
    const text = await readFile(new URL(name, page), 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacent|textContent =|innerText|replaceChildren|document\.write/, name);
    // The text behind the editor must have exactly the editor's characters.
    if (name !== 'editor.js') assert.doesNotMatch(text, /createTextNode/, name);
  }
});

test('what would open a connection is taken out of a page', () =>
  inPage(async (page) => {
    await choose(page, 'count');
    await type(page, 'a');
    await run(page);
    const html = await page.frameLocator('iframe.page').locator('html').evaluate((it) => it.outerHTML);
    assert.ok(!html.includes('192.0.2.1'), html);
    assert.equal(await page.frameLocator('iframe.page').locator('link').count(), 0);
    assert.equal(await page.frameLocator('iframe.page').locator('#note').count(), 1);
    assert.equal(await page.frameLocator('iframe.page').locator('a[href="#note"]').count(), 1);
  }, {
    routes: answering(`made('text/html', '<link rel="preconnect" href="http://192.0.2.1/"><link rel="dns-prefetch" href="//192.0.2.1"><a href="http://192.0.2.1/" ping="http://192.0.2.1/">a</a><svg><a xlink:href="http://192.0.2.1/"><text>b</text></a></svg><img src="http://192.0.2.1/" srcset="http://192.0.2.1/ 2x"><video poster="http://192.0.2.1/"></video><p id="note">n</p><a href="#note">c</a><math><mtext><table><mglyph><style><!--</style><img title="--><link rel=preconnect href=http://192.0.2.1/>">')`),
    allowed: ['Content Security Policy'],
  }));

test('a destructor that does not end is ended as a call is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugwright-site-'));
  const [core, file] = [join(folder, 'core.wasm'), join(folder, 'destructor.wasm')];
  execFileSync('wasm-tools', ['component', 'embed', join(own, 'hostile/destructor.wit'), join(own, 'hostile/destructor.wat'), '-o', core]);
  execFileSync('wasm-tools', ['component', 'new', core, '-o', file]);
  await inPage(async (page) => {
    await drop(page, file);
    await page.fill('#deadline', '1');
    await page.locator('#calls summary').first().click();
    await page.getByRole('button', { name: 'Call thing' }).click();
    await ready(page);
    await page.getByRole('button', { name: 'Drop thing#1' }).click();
    await statusIs(page, /^Ended: the deadline of 1 s has passed/);
    assert.equal(await page.getByRole('button', { name: /^Drop/ }).count(), 0);
    await page.locator('#calls summary').nth(1).click();
    await page.getByRole('button', { name: 'Call answer' }).click();
    await page.waitForFunction(() => document.querySelector('.transcript').textContent.endsWith('> things.answer()\n< 42\n'));
  });
  await rm(folder, { recursive: true });
});

test('a link that unpacks to more than it should is refused', async () => {
  const bomb = deflateRawSync(Buffer.alloc(64 << 20)).toString('base64url');
  await inPage(async (page) => assert.match(await page.textContent('#failure'), /the document in the link is too large/), { fragment: `#plugin=count&body=${bomb}` });
});
