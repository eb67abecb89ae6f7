// The page's side of the worker that runs a plugin: it loads, calls, waits so long and no longer, and stops.

/** The plugin was ended, because it took too long or somebody stopped it. */
export class Stopped extends Error {}

/** How long loading a plugin may take, in milliseconds: compiling it, and making JavaScript of one that was dropped. */
const LOADING = 60_000;

// A worker of this address has the page's policy of content, as one of a file of a server has not.
const start = () => {
  const text = `import ${JSON.stringify(new URL('worker.js', document.baseURI).href)};`;
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(address, { type: 'module' });
  return { worker, end: () => (worker.terminate(), URL.revokeObjectURL(address)) };
};

/** A plugin in a worker. One that was stopped is loaded anew by the next call. */
export class Engine {
  #what;
  #running = null;
  #waiting = new Map();
  #next = 0;

  /** Of a plugin that is built, by its `folder`, or of a `component`, as bytes. */
  constructor({ folder, component }) {
    const beside = (path) => new URL(path, document.baseURI).href;
    this.#what = { folder: folder && beside(folder), component, transpiler: beside('transpiler.js'), reader: beside('plugins/interface/') };
  }

  /** Loads it, and gives its interface, as JSON. */
  async load() {
    this.#running = start();
    const { worker } = this.#running;
    worker.addEventListener('message', ({ data: { id, event, answered, error } }) => {
      const waiting = this.#waiting.get(id);
      if (event) return waiting?.tell(event);
      this.#waiting.delete(id);
      return error === undefined ? waiting?.resolve(answered) : waiting?.reject(new Error(error));
    });
    worker.addEventListener('error', (event) => {
      this.#fail(new Error(event.message ?? 'the worker could not be started'));
    });
    const { json } = await this.#ask({ load: this.#what }, LOADING);
    return json;
  }

  /**
   * Calls a function, `{ path, values, answers, fresh }`, for so many milliseconds at most. `tell` gets what the plugin logs, writes and asks. The answer has
   * `result` or `trap`, and how many `milliseconds` it took.
   */
  async call(call, deadline, tell = () => {}) {
    if (!this.#running) await this.load();
    return this.#ask({ call }, deadline, tell);
  }

  /** Drops a resource. */
  async drop(name) {
    return this.#ask({ drop: name }, LOADING);
  }

  /** Ends whatever runs. */
  stop(why = 'stopped') {
    this.#running?.end();
    this.#running = null;
    this.#fail(new Stopped(why));
  }

  #fail(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #ask(message, deadline, tell = () => {}) {
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers?.() ?? withResolvers();
    this.#waiting.set(id, { resolve, reject, tell });
    this.#running.worker.postMessage({ id, ...message });
    const timer = setTimeout(() => this.stop(`stopped after ${deadline / 1000} s`), deadline);
    return promise.finally(() => clearTimeout(timer));
  }
}

const withResolvers = () => {
  const it = {};
  it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
  return it;
};
