// The playground in Chromium: `node --test tests`, with `PLUGWRIGHT_ROOT`, the repository, and `PLUGWRIGHT_SITE`, the folder of the site.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { serve } from '../served.mjs';
import { SIZES, begin, browser, choose, drop, end, inPage, open as openPage, ready, run, site, statusIs, tooWide, type, violations } from './opened.mjs';

const root = process.env.PLUGWRIGHT_ROOT;
const plugwright = resolve(root, process.env.PLUGWRIGHT ?? 'target/debug/plugwright');
const dist = resolve(root, process.env.PLUGWRIGHT_DIST ?? 'dist');

before(begin);
after(end);

const samplesOf = async (name) => {
  try {
    return JSON.parse(await readFile(join(site, 'plugins', name, 'samples.json'), 'utf8'));
  } catch {
    return [];
  }
};

test('the page is small, and its first run is quick', async () => {
  const names = ['index.html', 'main.js', 'worker.js', 'style.css', 'icon.svg'];
  const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(site, name))).length));
  const size = sizes.reduce((sum, it) => sum + it);
  assert.ok(size < 150 * 1024, `${size} bytes`);
  await inPage(async (page) => {
    await choose(page, 'markdown');
    await type(page, '# Moon\n\n| a | b |\n| - | - |\n| 1 | 2 |\n', 'moon.md', 'text/markdown');
    const begun = Date.now();
    await run(page);
    console.log(`the page: ${size} bytes compressed; the first run of markdown: ${Date.now() - begun} ms`);
    const frame = page.frameLocator('iframe.page');
    assert.equal(await frame.locator('h1').textContent(), 'Moon');
    assert.equal(await frame.locator('td').count(), 2);
    assert.equal(await page.getAttribute('iframe.page', 'sandbox'), '');
  });
});

test('each example gives what the command gives', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugwright-site-'));
  const plugins = JSON.parse(await readFile(join(site, 'plugins/index.json'), 'utf8'));
  let count = 0;
  await inPage(async (page) => {
    for (const { name } of plugins) {
      const samples = await samplesOf(name);
      if (samples.length === 0) continue;
      await choose(page, name);
      const shown = await page.locator('#sample option').allTextContents();
      for (const { title, options, input, body } of samples.filter(({ title }) => shown.includes(title))) {
        await page.selectOption('#sample', title);
        const file = join(folder, input.name);
        await writeFile(file, Buffer.from(body, 'base64'));
        const settings = Object.entries(options).flatMap(([key, value]) => ['--option', `${key}=${value}`]);
        const mine = spawnSync(plugwright, ['--dist', dist, '--log', 'off', 'run', name, file, ...settings], { encoding: null });
        await run(page);
        const saved = page.locator('a[download]');
        if (mine.status !== 0) {
          assert.equal(await saved.count(), 0, `${name}/${title}: ${mine.stderr}`);
          const told = (await page.textContent('#failure')).replace(/Go there$/, '').replace(/^Option \S+: |^The plugin is at fault: |^It has no option (.*)\.$/, '$1');
          assert.notEqual(told, '', `${name}/${title}`);
          assert.ok(String(mine.stderr).includes(told.replace(/^line \d+, column \d+: /, '')), `${name}/${title}: ${told}, and the command says ${mine.stderr}`);
        } else {
          assert.equal(await saved.count(), 1, `${name}/${title}: ${await page.textContent('#failure')}`);
          const [download] = await Promise.all([page.waitForEvent('download'), saved.click()]);
          assert.deepEqual(await readFile(await download.path()), mine.stdout, `${name}/${title}`);
        }
        count += 1;
      }
    }
  }, { allowed: ['Content Security Policy'], acceptDownloads: true });
  await rm(folder, { recursive: true });
  console.log(`${count} examples`);
  assert.ok(count > 40, `${count} examples`);
});

test('an option that is set is used, and one that is wrong is marked', () =>
  inPage(async (page) => {
    await choose(page, 'csv-json');
    await type(page, 'a;b\n1;2\n', 'a.csv', 'text/csv');
    await page.getByLabel('delimiter', { exact: true }).fill(';');
    await run(page);
    await page.getByRole('tab', { name: 'Text' }).waitFor();
    assert.match(await page.textContent('.source'), /"a": ?"?1/);
    assert.ok((await page.locator('.source .key').count()) > 0, 'JSON is coloured');
    await page.getByLabel('delimiter', { exact: true }).fill(';;');
    assert.match(await run(page), /refused/);
    assert.equal(await page.getByLabel('delimiter', { exact: true }).getAttribute('aria-invalid'), 'true');
    assert.match(await page.textContent('#failure'), /^Option delimiter: /);
  }));

test('a failure marks its place in the input', () =>
  inPage(async (page) => {
    await choose(page, 'csv-json');
    await type(page, 'name,town\n🦀,"Moon" x\n', 'a.csv', 'text/csv');
    await run(page);
    const told = await page.textContent('#failure');
    assert.match(told, /^line \d+, column \d+: /);
    const [, line, column] = told.match(/^line (\d+), column (\d+): /);
    assert.equal(await page.textContent('#numbers .wrong'), `${line}\n`);
    await page.getByRole('button', { name: 'Go there' }).click();
    const marked = await page.evaluate(() => {
      const field = document.getElementById('body');
      return { before: field.value.slice(0, field.selectionStart), mark: document.querySelector('#behind mark').textContent, focused: document.activeElement === field };
    });
    const [last] = marked.before.split('\n').slice(-1);
    assert.deepEqual([marked.before.split('\n').length, Array.from(last).length + 1], [Number(line), Number(column)]);
    assert.ok(marked.focused);
    assert.equal(await page.getAttribute('#body', 'aria-invalid'), 'true');
    await page.type('#body', 'x');
    assert.equal(await page.getAttribute('#body', 'aria-invalid'), null);
  }));

test('an endless plugin is ended by the deadline, or by whoever waits', () =>
  inPage(async (page) => {
    await choose(page, 'jq');
    await type(page, '1', 'a.json', 'application/json');
    await page.getByLabel('filter', { exact: true }).fill('def f: f; f');
    await page.fill('#deadline', '0.5');
    assert.equal(await run(page), 'Ended: the deadline of 0.5 s has passed.');
    await page.fill('#deadline', '60');
    await page.click('#run');
    await statusIs(page, /^Running/);
    await page.click('#stop');
    await statusIs(page, /^Ended: stopped\.$/);
    await page.getByLabel('filter', { exact: true }).fill('. + 1');
    assert.match(await run(page), /^application\/json/);
    assert.equal((await page.textContent('.source')).trim(), '2');
  }));

test('a run that is stopped while it loads is stopped, and there is one run at a time', () =>
  inPage(async (page) => {
    await choose(page, 'jq');
    await type(page, '1', 'a.json', 'application/json');
    await page.fill('#deadline', '60');
    await page.getByLabel('filter', { exact: true }).fill('def f: f; f');
    await page.click('#run');
    await page.click('#stop');
    await statusIs(page, /^Ended: stopped\.$/);
    // The first click loads the plugin again. The stop must work at any point of the loading.
    await page.click('#run');
    await page.click('#stop');
    await statusIs(page, /^Ended: stopped\.$/);
    await page.getByLabel('filter', { exact: true }).fill('.');
    await page.evaluate(() => {
      const form = document.getElementById('form');
      form.requestSubmit();
      document.querySelector('#options textarea, #options input').value = 'def f: f; f';
      form.requestSubmit();
    });
    await statusIs(page, /^application\/json/);
    assert.ok(await page.isDisabled('#stop'), 'nothing runs');
    assert.equal(await page.locator('iframe[sandbox=allow-scripts]').count(), 1);
  }));

test('a resource is kept until it is dropped, or its instance ends', () =>
  inPage(async (page) => {
    await choose(page, 'csv-json');
    await page.getByLabel('By its functions').check();
    const open = page.locator('#calls summary').filter({ hasText: 'sessions.transform-session.open:' });
    await open.click();
    await page.getByRole('button', { name: 'Call open' }).click();
    const drop = page.getByRole('button', { name: 'Drop transform-session#1' });
    await drop.waitFor();
    // The field reports an invalid deadline, and nothing is called.
    await page.fill('#deadline', '0');
    await page.getByRole('button', { name: 'Call open' }).click();
    assert.equal(await drop.count(), 1);
    await page.fill('#deadline', '5');
    await page.getByLabel('With a document').check();
    await type(page, 'a\n1\n', 'a.csv', 'text/csv');
    await run(page);
    await page.getByLabel('By its functions').check();
    assert.equal(await drop.count(), 0);
    assert.match(await page.textContent('.transcript'), /! the plugin was run with a document, in a new instance\n$/);
  }));

test('text that is typed takes the place of a document that is none', () =>
  inPage(async (page) => {
    await choose(page, 'thumbnail');
    const [{ title }] = await samplesOf('thumbnail');
    await page.selectOption('#sample', title);
    await page.getByRole('button', { name: 'Type text instead' }).click();
    assert.match(await run(page), /^refused/);
  }));

test('it is served under any path', async () => {
  const served = await serve((path) => (path.startsWith('/a;b, c/') ? join(site, path.slice(8) || 'index.html') : ''));
  const { page, context, seen } = await openPage(browser, `${served.address}a;b,%20c/`);
  await ready(page);
  await choose(page, 'count');
  await type(page, 'a b');
  assert.match(await run(page), /^application\/json/);
  assert.deepEqual(seen, { elsewhere: [], wrong: [] });
  await context.close();
  served.close();
});

test('a plugin of functions can be the first', () =>
  inPage(async (page) => {
    assert.equal(await page.textContent('#failure'), '');
    assert.ok(await page.isVisible('#functions'));
  }, { fragment: '#plugin=quote' }));

test('what is typed is kept for whoever comes back', () =>
  inPage(async (page) => {
    await choose(page, 'count');
    await type(page, 'here and back');
    await page.selectOption('#plugin', 'jq');
    await statusIs(page, /^Ready/);
    await page.selectOption('#plugin', 'count');
    await statusIs(page, /^Ready/);
    assert.equal(await page.inputValue('#body'), 'here and back');
    await page.reload();
    await ready(page);
    assert.equal(await page.inputValue('#plugin'), 'count');
    assert.equal(await page.inputValue('#body'), 'here and back');
    await run(page);
    await page.type('#body', 'x');
    assert.equal(await page.textContent('#status'), 'This result is from before the last change.');
  }));

test('a long document is not put into the editor', () =>
  inPage(async (page) => {
    await choose(page, 'count');
    await page.setInputFiles('#file', { name: 'long.txt', mimeType: 'text/plain', buffer: Buffer.alloc(20 << 20, 'a b\n') });
    await page.waitForFunction(() => document.getElementById('binary').textContent.startsWith('long.txt: 20.0 MiB, too long for the editor.'));
    await run(page);
    assert.match(await page.textContent('.source'), /"lines":5242880/);
  }));

test('the report and the guide lead back', () =>
  inPage(async (page) => {
    for (const there of ['Report', 'Guide']) {
      await page.getByRole('navigation', { name: 'Site' }).getByRole('link', { name: there }).click();
      await page.locator(there === 'Report' ? 'nav a[href="./"]' : '.menu-title a').click();
      await ready(page);
    }
  }, { allowed: ['favicon'] }));

test('the keyboard alone is enough', () =>
  inPage(async (page) => {
    const tabTo = async (id) => {
      for (let count = 0; count < 40; count += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((id) => document.activeElement.id === id, id)) return;
      }
      assert.fail(`there is no way to ${id}`);
    };
    await tabTo('plugin');
    await page.keyboard.type('count');
    await page.keyboard.press('Enter');
    await statusIs(page, /^Ready/);
    await tabTo('name');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('moon.txt');
    await tabTo('body');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('one two');
    await page.keyboard.press('Control+Enter');
    await statusIs(page, /^application\/json/);
    assert.match(await page.textContent('.source'), /"words":2/);
    const seen = await page.evaluate(() => getComputedStyle(document.activeElement.closest('#editor')).outlineStyle);
    assert.equal(seen, 'solid', 'where the focus is can be seen');
  }));

test('a picture is shown as one', () =>
  inPage(async (page) => {
    await choose(page, 'thumbnail');
    const [{ title }] = await samplesOf('thumbnail');
    await page.selectOption('#sample', title);
    assert.match(await run(page), /^image\//);
    const width = await page.frameLocator('iframe.page').locator('img').evaluate(async (it) => (await it.decode(), it.naturalWidth));
    assert.ok(width > 0);
  }));

test('a document that is dropped is the input', () =>
  inPage(async (page) => {
    await choose(page, 'count');
    const data = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['a b c\n'], 'dropped.txt', { type: 'text/plain' }));
      return data;
    });
    await page.dispatchEvent('body', 'drop', { dataTransfer: data });
    await page.waitForFunction(() => document.getElementById('name').value === 'dropped.txt');
    await run(page);
    assert.match(await page.textContent('.source'), /"words":3/);
    assert.match(await page.locator('#result table').textContent(), /words\s*3/);
  }));

const component = (name) => join(dist, 'examples', `${name}.wasm`);

test('a component that is dropped is run, whatever its contract is', () =>
  inPage(async (page) => {
    await drop(page, component('own-contract'));
    await page.getByRole('group', { name: 'lines' }).getByRole('button', { name: 'Add to lines' }).click();
    await page.getByLabel('sku').fill('tea');
    await page.getByLabel('quantity').fill('13');
    await page.locator('#answers select').selectOption('some');
    await page.getByLabel('price').fill('450');
    await page.getByLabel('box-size').fill('6');
    await page.getByRole('button', { name: 'Call price' }).click();
    await ready(page);
    const mine = execFileSync(plugwright, ['--log', 'off', 'call', component('own-contract'), 'import catalogue.find = some({price: 450, box-size: 6})', 'rules.price({lines: [{sku: "tea", quantity: 13}], coupon: none})'], { encoding: 'utf8' });
    assert.equal(await page.textContent('.transcript'), mine);
  }));

test('functions of resources give the transcript that the command gives', () =>
  inPage(async (page) => {
    await choose(page, 'quote');
    const open = (path) => page.locator('#calls summary').filter({ hasText: `${path}:` }).click();
    await open('words.person-resource');
    await page.getByLabel('first-name').fill('Ada');
    await page.getByLabel('last-name').fill('Lovelace');
    await page.getByRole('button', { name: 'Call person-resource' }).click();
    await ready(page);
    await open('words.greet');
    await page.getByRole('button', { name: 'Call greet' }).focus();
    await page.keyboard.press('Control+Enter');
    await page.waitForFunction(() => document.querySelector('.transcript').textContent.includes('Hello'));
    await page.getByRole('button', { name: 'Drop person-resource#1' }).click();
    const snapshot = await readFile(join(root, 'tests/snapshots/quote/ada.calls.snap'), 'utf8');
    const transcript = snapshot.slice(snapshot.indexOf('\n---\n') + 5).replace('let ada = ', '').replace(/^> ada\.replica\(\)\n< .*\n/m, '').replaceAll(/\bada\b/g, 'person-resource#1');
    assert.equal(await page.textContent('.transcript'), transcript);
  }));

test('each type of WIT has a form, and a call has what is in it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugwright-site-'));
  const wit = await readFile(new URL('types.wit', import.meta.url), 'utf8');
  await writeFile(join(folder, 'types.wit'), wit);
  const [core, file] = [join(folder, 'core.wasm'), join(folder, 'types.wasm')];
  execFileSync('wasm-tools', ['component', 'embed', '--dummy', join(folder, 'types.wit'), '-o', core]);
  execFileSync('wasm-tools', ['component', 'new', core, '-o', file]);
  await inPage(async (page) => {
    await drop(page, file);
    const count = (wit.match(/: (static )?func|constructor/g) ?? []).length;
    assert.equal(await page.locator('#calls details').count(), count);
    // A dummy function traps after it got its arguments.
    for (const details of await page.locator('#calls details').all()) {
      await details.locator('summary').click();
      const button = details.getByRole('button', { name: /^Call/ });
      await button.click();
      await ready(page);
      const wrong = await details.locator('.error').textContent();
      if (wrong) assert.match(wrong, /^there is no thing yet/);
    }
    const transcript = await page.textContent('.transcript');
    assert.match(transcript, /> all\.numbers\(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, 'a', ""\)\n! trap .*unreachable/);
    assert.match(transcript, /> all\.compound\(\{x: 0, y: 0\}, red, dot, \{\}, none, ok\(""\), \(0, ""\), \[\], \[\], none\)/);
  });
  await rm(folder, { recursive: true });
});

test('a file that is no component is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugwright-site-'));
  await writeFile(join(folder, 'a.wasm'), 'no component');
  await inPage(async (page) => {
    await drop(page, join(folder, 'a.wasm'));
    assert.match(await page.textContent('#status'), /^The plugin could not be loaded/);
    assert.equal(await page.textContent('#failure'), 'this is not a WebAssembly component');
    await choose(page, 'count');
    assert.match(await run(page), /^application\/json/);
  });
  await rm(folder, { recursive: true });
});

test('a link holds the plugin, its options and the input, and nothing of it is sent', async () => {
  let link;
  await inPage(async (page) => {
    await choose(page, 'csv-json');
    await type(page, 'a;ä\n1;🦀\n', 'a b.csv', 'text/csv');
    await page.getByLabel('delimiter', { exact: true }).fill(';');
    await page.click('#link');
    await statusIs(page, /^The link is/);
    link = await page.evaluate(() => location.hash);
  });
  await inPage(async (page) => {
    await statusIs(page, /^application\/json/);
    assert.equal(await page.inputValue('#body'), 'a;ä\n1;🦀\n');
    assert.equal(await page.inputValue('#name'), 'a b.csv');
    assert.match(await page.textContent('.source'), /🦀/);
  }, { fragment: link });
  for (const [fragment, told] of [['#plugin=none', /this site has no plugin none/], ['#plugin=count&body=%21', /the link cannot be read/], ['#plugin=count&body=AAAA', /the link cannot be read/]]) {
    await inPage(async (page) => assert.match(await page.textContent('#failure'), told), { fragment });
  }
});

test('what comes out is shown, and does nothing', async () => {
  const html = `<script>fetch('http://192.0.2.1/')</script><img src="http://192.0.2.1/i.png" onerror="parent.postMessage(1)"><link rel="stylesheet" href="http://192.0.2.1/s.css">
<style>@import "http://192.0.2.1/t.css"; body { background: url(http://192.0.2.1/b.png) }</style><iframe src="http://192.0.2.1/"></iframe><meta http-equiv="refresh" content="0;url=http://192.0.2.1/">
<form action="http://192.0.2.1/"><button>send</button></form><base href="http://192.0.2.1/"><a href="http://192.0.2.1/" id="away">away</a><a href="#" target="_top" id="top">top</a>`;
  await inPage(async (page) => {
    await choose(page, 'markdown');
    await page.getByLabel('unsafe-html').check();
    await type(page, html, 'a.md', 'text/markdown');
    await run(page);
    const frame = page.frameLocator('iframe.page');
    const address = page.url();
    for (const id of ['#away', '#top']) await frame.locator(id).click({ timeout: 2000 }).catch(() => {});
    await frame.locator('button').click({ timeout: 2000 }).catch(() => {});
    await page.waitForTimeout(500);
    assert.equal(page.url(), address);
    assert.equal(await page.locator('#status').count(), 1);
    assert.ok(page.frames().every((it) => !it.url().startsWith('http://192')), 'no frame went elsewhere');
  }, { allowed: ['Content Security Policy', 'sandboxed', 'Blocked', 'violates', 'blocked'] });
});

test('it can be read by all: contrast, names and roles, in light and dark, wide and narrow', async () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const viewport of SIZES) {
      await inPage(async (page) => {
        const check = async (where) => {
          assert.deepEqual(await violations(page), [], `${where}, ${colorScheme}, ${viewport.width}`);
          assert.equal(await tooWide(page), null, where);
        };
        await choose(page, 'count');
        await type(page, 'a b\n');
        await run(page);
        await check('count');
        await choose(page, 'csv-json');
        await type(page, 'a,b\n1,"2" x\n', 'a.csv', 'text/csv');
        await run(page);
        await check('a failure');
        await choose(page, 'quote');
        await page.locator('#calls summary').first().click();
        await check('functions');
      }, { colorScheme, viewport });
    }
  }
});

test('all that a page names is there', async () => {
  const html = await readFile(join(site, 'index.html'), 'utf8');
  const names = await readdir(site);
  for (const [, name] of html.matchAll(/(?:href|src)="([^"#:]+)"/g)) {
    if (name !== './') assert.ok(names.includes(name.split('/')[0]), name);
  }
});
