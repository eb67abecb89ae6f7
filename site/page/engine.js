// The page's side of what runs a plugin: it loads, calls, waits so long and no longer, and stops.
//
// A plugin runs in a worker of a frame that has no origin, may fetch nothing, and may take scripts only from its own memory: whatever becomes of
// jco's JavaScript in it, there is nothing that it could reach. All that it needs comes in messages.

import RUNNER from 'text-and-hash:./runner.js';

import { element } from './element.js';
import { fetched } from './fetched.js';

/** The plugin was ended, because it took too long or told too much, or somebody stopped it. */
export class Stopped extends Error {}

/** How long loading a plugin may take, in milliseconds: compiling it, and making JavaScript of one that was dropped. */
const LOADING = 60_000;

/** How many messages may come of one call: some more than an honest worker sends. */
const MOST_MESSAGES = 1100;

const beside = (path) => new URL(path, document.baseURI).href;

const text = async (path) => (await fetched(beside(path))).text();

/** What is there of a plugin that is built. */
const built = async ({ folder, files }) => {
  const [json, module, ...wasm] = await Promise.all([
    fetched(beside(`${folder}interface.json`)).then((it) => it.json()),
    text(`${folder}plugin.js`),
    ...files.map(async (name) => [name, await (await fetched(beside(folder + name))).arrayBuffer()]),
  ]);
  return { json, module, wasm: new Map(wasm) };
};

/** How long the frame may take to begin, in milliseconds. */
const BEGINNING = 10_000;

/** What begins in the frame, with the text of `runner.js` and its digest, which the page's own policy has, too. */
const frameOf = ({ text, hash }) => {
  const policy = `default-src 'none'; script-src '${hash}' blob: 'wasm-unsafe-eval'; worker-src blob:`;
  const srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><script>${text}</script>`;
  return element('iframe', { hidden: true, sandbox: 'allow-scripts', title: 'Where the plugin runs', srcdoc });
};

/** A frame of no origin, and a port to the worker in it. `fail` is called if the worker cannot be started, or ends by an error of its own. */
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
    setTimeout(() => reject(new Error('the frame in which plugins run could not begin')), BEGINNING);
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

/** A plugin in a worker. One that was stopped is loaded anew by the next call. */
export class Engine {
  #what;
  #parts = null;
  #loading = null;
  #running = null;
  #tools = null;
  #waiting = new Map();
  #next = 0;
  /** How often it was stopped: what was begun before is not gone on with. */
  #stops = 0;

  /** Of a plugin that is built, by its `folder` and the `files` of WebAssembly in it, or of a `component`, as bytes. */
  constructor(what) {
    this.#what = what;
  }

  /** Loads it, unless it is loading, and gives its interface, as JSON. */
  async load() {
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  /**
   * Calls a function, `{ path, values, answers, fresh, as }`, for so many milliseconds at most. `tell` gets what happens meanwhile, as lines. The answer is
   * what `shown.js` makes of it.
   */
  async call(call, deadline, tell) {
    if (!this.#running || this.#loading) await this.load();
    return this.#ask({ call }, deadline, tell);
  }

  /** Drops a resource, for so many milliseconds at most. */
  async drop(name, deadline, tell) {
    return this.#ask({ drop: name }, deadline, tell);
  }

  /** Ends whatever runs. */
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
    // After its answer a plugin has nothing to say.
    if (!waiting) return this.stop('it told what nobody asked');
    if (event) {
      waiting.heard += 1;
      return waiting.heard > MOST_MESSAGES ? this.stop('it told too much') : waiting.tell(event);
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

  /** What jco makes of a component, in a worker that is ended then. */
  async #made(component) {
    const worker = new Worker(beside('tools.js'), { type: 'module' });
    const timer = setTimeout(() => this.stop(`it could not be loaded in ${LOADING / 1000} s`), LOADING);
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
