// The imports of a plugin: the log and the maps of the interface `host`, WASI without any access, and functions that the user answers. This runs in the worker.

import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';

import { camel, pascal, unversioned } from '../called.mjs';
import { fromJs, toJs } from './values.js';

/** The interface with the log of Plugwright's built-in contract. */
const HOST = 'plugwright:plugin/host';

const isHost = (it) => it.interface !== null && unversioned(it.interface) === HOST;

/** Makes an output stream, whose lines go to `tell`. */
const stream = (name, tell) => {
  const decoder = new TextDecoder();
  let rest = '';
  const told = (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) tell({ written: { stream: name, text: line } });
  };
  const flush = () => {
    if (rest) told('\n');
  };
  return { write: (bytes) => told(decoder.decode(bytes, { stream: true })), flush, blockingFlush: flush, drop: flush };
};

/** Makes the imports of WASI, without files, environment variables and network. */
const wasi = (tell) => {
  const shim = new WASIShim({
    stdout: stream('stdout', tell),
    stderr: stream('stderr', tell),
    sandbox: { preopens: {}, env: {}, args: [], enableNetwork: false },
  });
  const imports = shim.getImportObject();
  const refuse = () => {
    throw { tag: 'HTTP-request-denied' };
  };
  for (const name of Object.keys(imports)) if (name.startsWith('wasi:http/outgoing-handler')) imports[name] = { handle: refuse };
  return imports;
};

/** Implements the interface `host`. The user answers all other interfaces. */
const own = (tell) => {
  const maps = new WeakMap();
  const log = (level, message, fields) => tell({ log: { level, message, fields } });
  return {
    'host.log': (level, message, fields) => log(level, message, fields.map(({ key, value }) => [key, value])),
    'host.log-structured': (message, map) => log('info', message, maps.get(map)),
    'host.map-resource': (entries, map) => void maps.set(map, [...new Map(entries)]),
    'host.map-resource.take': (map) => maps.get(map).splice(0),
    'host.map-resource.length': (map) => maps.get(map).length,
  };
};

/**
 * Makes the imports of a component. `tell` gets its log lines as `{ log }`, its output as `{ written }`, and its calls of imports as `{ asked }`. `answers` has
 * the results of functions by their paths.
 */
export const importsOf = (types, handles, answers, tell) => {
  const answer = (it, values) => {
    const name = it.path;
    const shown = it.parameters.map(([, type], index) => fromJs(types, type, values[index], handles));
    const known = isHost(it) ? host[name] : undefined;
    const finish = (result) => tell({ asked: { path: name, interface: it.interface, values: shown, result } });
    if (known) {
      const result = known(...values);
      finish(it.result === null || it.kind === 'constructor' ? undefined : fromJs(types, it.result, result, handles));
      return result;
    }
    if (it.result === null) return finish(undefined);
    if (!answers.has(name)) throw new Error(`the plugin called ${name}, which has no answer`);
    finish(answers.get(name));
    const result = toJs(types, it.result, answers.get(name), handles);
    if (types.type(it.result).kind !== 'result') return result;
    if (result.tag === 'ok') return result.val;
    throw Object.assign(new Error('refused'), { payload: result.val });
  };

  const host = own(tell);
  const imports = wasi(tell);
  for (const { name, functions } of types.imports) {
    if (name?.startsWith('wasi:')) continue;
    const found = new Map();
    for (const it of functions) {
      const call = (...values) => answer(it, values);
      if (it.resource) add(it, call, resourceOf(found, functions, it.resource));
      else found.set(camel(it.name), call);
    }
    if (name === null) for (const [name, it] of found) imports[kebab(functions, name)] = { default: it };
    else imports[unversioned(name)] = Object.fromEntries(found);
  }
  return imports;

  /** Returns the class of the resource in its interface. */
  function resourceOf(found, functions, resource) {
    const name = pascal(resource.name);
    const constructor = functions.find((it) => it.kind === 'constructor' && it.resource.name === resource.name);
    if (!found.has(name)) {
      found.set(name, class {
        constructor(...values) {
          if (constructor) constructed(constructor, this, values);
        }
      });
    }
    return found.get(name);
  }

  function constructed(it, made, values) {
    const shown = it.parameters.map(([, type], index) => fromJs(types, type, values[index], handles));
    if (isHost(it)) host[it.path]?.(...values, made);
    const result = { handle: handles.nameOf(made, it.resource.name) };
    tell({ asked: { path: it.path, interface: it.interface, values: shown, result } });
  }
};

/** Adds a method or a static function to a class. The first argument of a method is its resource. */
const add = (it, call, Resource) => {
  const method = function (...values) {
    return call(this, ...values);
  };
  if (it.kind === 'method') Object.defineProperty(Resource.prototype, camel(it.name), { value: method });
  // The property `prototype` of a class cannot be replaced.
  else if (it.kind === 'static' && it.name !== 'prototype') Object.defineProperty(Resource, camel(it.name), { value: call, configurable: true });
};

const kebab = (functions, name) => functions.find((it) => camel(it.name) === name)?.name ?? name;
