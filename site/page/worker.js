// Runs one plugin, in a frame that can reach nothing. It answers messages in order. Each answer has the `id` of its message.

import { Interface } from './interface.js';
import { Plugin } from './plugin.js';
import { answerOf, lineOf, statementOf } from './shown.js';

/** The greatest number of lines and of characters that are reported for a call. The page ends a worker that sends more. */
const MOST_LINES = 1000;
const MOST_CHARACTERS = 1 << 20;

/** Passes lines on within these limits, and reports the number of lost lines at the end. */
const bounded = (tell) => {
  let [lines, characters, lost] = [0, 0, 0];
  return {
    tell: (make) => {
      if (lines < MOST_LINES && characters < MOST_CHARACTERS) {
        const line = make();
        lines += 1;
        characters += line.text.length;
        tell(line);
      } else {
        lost += 1;
      }
    },
    end: () => lost > 0 && tell({ kind: 'lost', text: `… and ${lost} more lines` }),
  };
};

let types = null;
let plugin = null;

const load = async ({ json, module, wasm }) => {
  types = new Interface(json);
  const address = URL.createObjectURL(new Blob([module], { type: 'text/javascript' }));
  const { instantiate } = await import(address);
  URL.revokeObjectURL(address);
  plugin = new Plugin(types, { instantiate, compile: (name) => WebAssembly.compile(wasm.get(name)) });
  return {};
};

const called = async (call, tell) => {
  const it = plugin.function(call.path);
  if (call.as === 'text') tell(() => ({ kind: 'said', text: statementOf(types, it, call.values) }));
  const answer = await plugin.call(call, (event) => tell(() => lineOf(types, event)));
  return { ...answerOf(types, it, call.as, answer), held: plugin.held.slice(0, MOST_LINES) };
};

const dropped = (name, tell) => {
  plugin.drop(name, (event) => tell(() => lineOf(types, event)));
  return { held: plugin.held.slice(0, MOST_LINES) };
};

const answer = async (port, { id, load: what, call, drop }) => {
  const { tell, end } = bounded((event) => port.postMessage({ id, event }));
  try {
    const answered = what ? await load(what) : call ? await called(call, tell) : dropped(drop, tell);
    end();
    port.postMessage({ id, answered }, answered.document ? [answered.document.body.buffer] : []);
  } catch (error) {
    end();
    port.postMessage({ id, error: String(error?.message ?? error).slice(0, 2000) });
  }
};

addEventListener('message', ({ data: port }) => {
  let before = Promise.resolve();
  port.onmessage = ({ data }) => {
    before = before.then(() => answer(port, data));
  };
}, { once: true });
