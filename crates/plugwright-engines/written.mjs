// Captures what a plugin writes to standard output and standard error, byte by byte, with separate streams for each instance.
//
// The shim's streams write to those of the process, or line by line to the console of a page. The streams here have the shim's class,
// because jco checks the class. They implement every method, so that they behave the same in Node and in a browser.

/** How many bytes may be written at once, as in wasmtime. */
const PERMIT = 8192n;

const NAMES = { stdout: 'standard output', stderr: 'standard error' };

/** The output of an instance since the last comparison. */
export class Written {
  #pieces = { stdout: [], stderr: [] };

  /** Replaces the WASI streams in `imports`, which are not terminals any more. */
  redirect(imports) {
    for (const name of Object.keys(NAMES)) {
      const [from, get] = [`wasi:cli/${name}`, `get${name[0].toUpperCase()}${name.slice(1)}`];
      if (!imports[from]) continue;
      const stream = this.#stream(name, imports['wasi:io/streams'].OutputStream, imports[from][get]());
      imports[from] = { [get]: () => stream };
    }
    // The shim for Node always claims terminals, but the runtimes of languages buffer more without a terminal, as in wasmtime.
    const none = () => undefined;
    imports['wasi:cli/terminal-stdin'] = { getTerminalStdin: none };
    imports['wasi:cli/terminal-stdout'] = { getTerminalStdout: none };
    imports['wasi:cli/terminal-stderr'] = { getTerminalStderr: none };
  }

  #stream(name, OutputStream, shims) {
    const write = (bytes) => void this.#pieces[name].push(Uint8Array.from(bytes));
    const zeroes = (length) => write(new Uint8Array(Number(length)));
    const splice = (read) => (source, length) => {
      const bytes = source[read](length < PERMIT ? length : PERMIT);
      write(bytes);
      return BigInt(bytes.length);
    };
    const done = () => {};
    return Object.assign(Object.create(OutputStream.prototype), {
      checkWrite: () => PERMIT,
      write,
      blockingWriteAndFlush: write,
      flush: done,
      blockingFlush: done,
      writeZeroes: zeroes,
      blockingWriteZeroesAndFlush: zeroes,
      splice: splice('read'),
      blockingSplice: splice('blockingRead'),
      // The stream is always ready, like the shim's own.
      subscribe: () => shims.subscribe(),
      [Symbol.dispose ?? Symbol.for('dispose')]: done,
    });
  }

  /** Returns the difference from the output in wasmtime, or null. Then forgets the output. */
  difference(expected) {
    const pieces = this.#pieces;
    this.#pieces = { stdout: [], stderr: [] };
    for (const [name, shown] of Object.entries(NAMES)) {
      const found = pieces[name].flatMap((piece) => [...piece]);
      const wanted = [...atob(expected[name])].map((it) => it.charCodeAt(0));
      const at = Array.from({ length: Math.max(found.length, wanted.length) }).findIndex((_, at) => found[at] !== wanted[at]);
      if (at >= 0) return `it writes ${excerpt(found, at)} to ${shown}, but in wasmtime ${excerpt(wanted, at)}: byte ${at} is the first that differs`;
    }
    return null;
  }
}

/** Returns the bytes around one byte, as text. */
const excerpt = (bytes, at) => {
  const [begin, end] = [Math.max(0, at - 40), at + 40];
  const text = String.fromCharCode(...bytes.slice(begin, end));
  return `${begin > 0 ? '…' : ''}${JSON.stringify(text)}${end < bytes.length ? '…' : ''}`;
};
