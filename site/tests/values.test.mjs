// Tests of the page's modules in Node: conversion of values, and text.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

import { Interface } from '../page/interface.js';
import { Handles, fromJs, toJs } from '../page/values.js';
import { layout, visible, written } from '../page/wave.js';

const root = process.env.PLUGWRIGHT_ROOT;
const plugwright = resolve(root, process.env.PLUGWRIGHT ?? 'target/debug/plugwright');
const dist = resolve(root, process.env.PLUGWRIGHT_DIST ?? 'dist');

/** Returns the interface of a WIT text. */
const read = async (wit) => {
  const folder = await mkdtemp(join(tmpdir(), 'plugwright-site-'));
  const core = join(folder, 'core.wasm');
  await writeFile(join(folder, 'a.wit'), wit);
  execFileSync('wasm-tools', ['component', 'embed', '--dummy', join(folder, 'a.wit'), '-o', core]);
  execFileSync('wasm-tools', ['component', 'new', core, '-o', join(folder, 'a.wasm')]);
  const json = execFileSync('wasm-tools', ['component', 'wit', '--json', join(folder, 'a.wasm')], { encoding: 'utf8' });
  await rm(folder, { recursive: true });
  return new Interface(JSON.parse(json));
};

const VALUES = [
  ['bool', true, 'true'],
  ['s8', -128, '-128'],
  ['u64', 18446744073709551615n, '18446744073709551615'],
  ['s64', -9223372036854775808n, '-9223372036854775808'],
  ['f64', NaN, 'nan'],
  ['f64', -Infinity, '-inf'],
  ['f64', -0, '-0'],
  ['f64', 1e21, '1000000000000000000000'],
  ['f64', 1.5e-7, '0.00000015'],
  ['f64', -1.25e22, '-12500000000000000000000'],
  ['f64', 0.1, '0.1'],
  ['f32', Math.fround(0.1), '0.1'],
  ['f32', Math.fround(16777216), '16777216'],
  ['f32', Math.fround(1e-10), '0.0000000001'],
  ['char', "'", "'\\''"],
  ['string', 'a"\\\u202e\u{1f980}', '"a\\"\\\\\\u{202e}\u{1f980}"'],
  ['list<u8>', Uint8Array.of(97, 98), 'utf8("ab")'],
  ['list<u8>', Uint8Array.of(255, 0), 'hex("ff00")'],
  ['list<u8>', Uint8Array.of(), '[]'],
  ['list<u16>', [1, 65535], '[1, 65535]'],
  ['tuple<u8, string>', [1, ''], '(1, "")'],
  ['option<u8>', null, 'none'],
  ['option<u8>', { some: 0 }, 'some(0)'],
  ['option<option<u8>>', null, 'none'],
  ['option<option<u8>>', { some: null }, 'some(none)'],
  ['option<option<u8>>', { some: { some: 1 } }, 'some(some(1))'],
  ['result<u8, string>', { ok: 1 }, 'ok(1)'],
  ['result<u8, string>', { err: 'e' }, 'err("e")'],
  ['result<_, string>', { ok: null }, 'ok'],
  ['point', { 'x-axis': -1, 'y-axis': { some: 2 } }, '{x-axis: -1, y-axis: some(2)}'],
  ['colour', 'dark-red', 'dark-red'],
  ['colour', 'none', '%none'],
  ['shape', { tag: 'dot', val: null }, 'dot'],
  ['shape', { tag: 'some', val: 'a' }, '%some("a")'],
  ['rights', ['read-only', 'write'], '{read-only, write}'],
  ['rights', [], '{}'],
];

test('a value comes back from JavaScript as it went, and is written as the command writes it', async () => {
  const parameters = VALUES.map(([type], index) => `p${index}: ${type}`).join(', ');
  const types = await read(`package a:b; interface i {
    record point { x-axis: s32, y-axis: option<u8> }
    enum colour { dark-red, none }
    variant shape { dot, some(string) }
    flags rights { read-only, write }
    f: func(${parameters});
  }
  world w { export i; }`);
  const [{ functions: [f] }] = types.exports;
  for (const [index, [type, value, text]] of VALUES.entries()) {
    const [, reference] = f.parameters[index];
    assert.equal(types.show(reference), type);
    const handles = new Handles();
    assert.deepEqual(fromJs(types, reference, toJs(types, reference, value, handles), handles), value, `${type} ${text}`);
    assert.equal(layout(written(types, reference, value)), text);
  }
});

test('what hides in a text is what hides for the command', () => {
  const texts = ['\u{1f469}\u200d\u{1f4bb}', 'می\u200cخواهم', 'a\u200db', '\u200d\u200d', 'ا\u200d\u200d', '\u2764\ufe0f', '\u2764\ufe0f\ufe0f', '\u202ea', '\ufeffa', 'a\u00adb', '\u3164', '\u00a0', '\u2028', '\u{e0041}', '\ue000', '\u034f', '\u0301a', 'é', '\u{1f980}', '\u061c', '\u180e', '\u115f'];
  for (const text of texts) {
    const calls = `words.prettify([${JSON.stringify(text)}])`;
    const told = execFileSync(plugwright, ['--dist', dist, '--log', 'off', 'call', 'quote', calls], { encoding: 'utf8' });
    const line = told.split('\n').find((it) => it.startsWith('< '));
    const [, shown] = /"(.*)"/.exec(line);
    assert.ok(shown.includes(visible(text)), `${JSON.stringify(text)}: ${line}, and here ${visible(text)}`);
  }
});
