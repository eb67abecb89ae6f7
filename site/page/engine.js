// The page's side of a running plugin: it loads the plugin, calls it within a deadline, and stops it.
//
// A plugin runs in a worker of a frame without an origin. The frame may fetch nothing, and may load scripts only from its own memory. So even if jco's
// JavaScript does something else than it should, it can reach nothing. Everything that the plugin needs comes in messages.

import RUNNER from 'text-and-hash:./runner.js';

import { element } from './element.js';
import { fetched } from './fetched.js';

/** The plugin was ended: it took too long, its worker sent too many messages, or the user stopped it. */
export class Stopped extends Error {}

/** How long loading a plugin may take, in milliseconds, including compilation and the translation of a dropped component. */
const LOADING = 60_000;

/** The greatest number of messages of one call, which is somewhat more than an honest worker sends. */
const MOST_MESSAGES = 1100;

const beside = (path) => new URL(path, document.baseURI).href;

const text = async (path) => (await fetched(beside(path))).text();

/** Fetches the parts of a plugin of the site. */
const built = async ({ folder, files }) => {
  const [json, module, ...wasm] = await Promise.all([
    fetched(beside(`${folder}interface.json`)).then((it) => it.json()),
    text(`${folder}plugin.js`),
    ...files.map(async (name) => [name, await (await fetched(beside(folder + name))).arrayBuffer()]),
  ]);
  return { json, module, wasm: new Map(wasm) };
};

/** How long the frame may take to start, in milliseconds. */
const BEGINNING = 10_000;

/** Makes the frame, with the text of `runner.js` and its digest. The page's own policy has this digest, too. */
const frameOf = ({ text, hash }) => {
  const policy = `default-src 'none'; script-src '${hash}' blob: 'wasm-unsafe-eval'; worker-src blob:`;
  const srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><script>${text}</script>`;
  return element('iframe', { hidden: true, sandbox: 'allow-scripts', title: 'Where the plugin runs', srcdoc });
};

/** Makes a frame without an origin, and returns a port to the worker in it. `fail` is called if the worker cannot start, or ends with an error. */
const isolated = async (fail) => {
  const worker = await text('worker.js');
  const frame = frameOf(RUNNER);
  const { port1, port2 } = new MessageChannel();
  let hear;
  const end = () => {
    removeEventListener('message', hear);
    port1.onmessage = null;
    port1.close();
    frame.remove();
  };
  const begun = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('the frame in which plugins run could not start')), BEGINNING);
    hear = ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      if (data?.ready) resolve();
      else fail(String(data?.broken).slice(0, 2000));
    };
    addEventListener('message', hear);
  });
  document.body.append(frame);
  try {
    await begun;
  } catch (error) {
    end();
    throw error;
  }
  frame.contentWindow.postMessage(worker, '*', [port2]);
  return { port: port1, end };
};

/** A plugin in a worker. After a stop, the next call loads the plugin again. */
export class Engine {
  #what;
  #parts = null;
  #loading = null;
  #running = null;
  #tools = null;
  #waiting = new Map();
  #next = 0;
  /** The number of stops. Work that began before a stop is not continued. */
  #stops = 0;

  /** Takes a plugin of the site, as its `folder` and its WebAssembly `files`, or a `component`, as bytes. */
  constructor(what) {
    this.#what = what;
  }

  /** Loads the plugin, unless it is loading already, and returns its interface as JSON. */
  async load() {
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  /**
   * Calls a function, `{ path, values, answers, fresh, as }`, with a deadline in milliseconds. `tell` gets lines about what happens meanwhile. Returns the
   * answer in the form of `shown.js`.
   */
  async call(call, deadline, tell) {
    if (!this.#running || this.#loading) await this.load();
    return this.#ask({ call }, deadline, tell);
  }

  /** Drops a resource, with a deadline in milliseconds. */
  async drop(name, deadline, tell) {
    return this.#ask({ drop: name }, deadline, tell);
  }

  /** Ends everything that runs. */
  stop(why = 'stopped') {
    this.#stops += 1;
    this.#running?.end();
    this.#running = null;
    this.#tools?.(new Stopped(why));
    for (const { reject } of this.#waiting.values()) reject(new Stopped(why));
    this.#waiting.clear();
  }

  async #load() {
    const stops = this.#stops;
    this.#parts ??= this.#what.component ? await this.#made(this.#what.component) : await built(this.#what);
    const running = await isolated((why) => this.stop(`its worker failed: ${why}`));
    if (stops !== this.#stops) {
      running.end();
      throw new Stopped('stopped');
    }
    this.#running = running;
    running.port.onmessage = ({ data }) => this.#hear(data);
    await this.#ask({ load: this.#parts }, LOADING);
    return this.#parts.json;
  }

  #hear(data) {
    const { id, event, answered, error } = data ?? {};
    const waiting = this.#waiting.get(id);
    // A worker must not send messages after its answer.
    if (!waiting) return this.stop('its worker sent a message without a call');
    if (event) {
      waiting.heard += 1;
      return waiting.heard > MOST_MESSAGES ? this.stop('its worker sent too many messages') : waiting.tell(event);
    }
    this.#waiting.delete(id);
    return error === undefined ? waiting.resolve(answered) : waiting.reject(new Error(String(error)));
  }

  #ask(message, deadline, tell = () => {}) {
    if (!this.#running) throw new Stopped('stopped');
    const id = this.#next++;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, tell, heard: 0 }));
    this.#running.port.postMessage({ id, ...message });
    const timer = setTimeout(() => this.stop(`the deadline of ${deadline / 1000} s has passed`), deadline);
    return answer.finally(() => clearTimeout(timer));
  }

  /** Translates a component with jco, in a separate worker. */
  async #made(component) {
    const worker = new Worker(beside('tools.js'), { type: 'module' });
    const timer = setTimeout(() => this.stop(`it could not be loaded within ${LOADING / 1000} s`), LOADING);
    try {
      return await new Promise((resolve, reject) => {
        this.#tools = reject;
        worker.addEventListener('message', ({ data: { made, error } }) => (error === undefined ? resolve(made) : reject(new Error(error))));
        worker.addEventListener('error', ({ message }) => reject(new Error(message ?? 'the worker could not be started')));
        worker.postMessage(component);
      });
    } finally {
      clearTimeout(timer);
      this.#tools = null;
      worker.terminate();
    }
  }
}
