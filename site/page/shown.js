// Makes the answers that the page gets: texts and lists of bounded length. This happens in the worker, where the deadline holds.

import { call, layout, visible, written } from './wave.js';

/** The longest text, in characters, and the greatest number of items of a list. */
const MOST = 100_000;
const MOST_ITEMS = 500;

/** Returns the text, or its beginning and the number of further characters. */
const cut = (text, most = MOST) => (text.length <= most ? text : `${text.slice(0, most)}… and ${text.length - most} more characters`);

const some = (list, show) => {
  const shown = list.slice(0, MOST_ITEMS).map(show);
  return { shown, more: list.length - shown.length };
};

/** Cuts a name or a value to a short length, because there can be many of them. */
const brief = (text) => cut(text, 2000);

/** Returns a document with its whole body. */
const documentOf = ({ name, 'media-type': mediaType, body, attributes }) => ({
  name: cut(name, 255),
  mediaType: cut(mediaType, 255),
  body,
  attributes: some(attributes, ({ key, value }) => [brief(key), brief(value)]),
});

const failureOf = ({ tag, val }) => {
  const at = val?.at?.some ?? null;
  if (tag === 'invalid-input' || tag === 'bad-option') return { tag, key: val.key === undefined ? null : brief(val.key), message: brief(val.message), at };
  return { tag, key: null, message: brief(String(val)), at: null };
};

const descriptionOf = ({ summary, takes, options }) => ({
  summary: brief(summary),
  takes: some(takes, brief).shown,
  options: some(options, (it) => ({ key: brief(it.key), default: cut(it.default), help: brief(it.help) })),
});

const FORMS = { document: ({ ok, err }) => (err === undefined ? { document: documentOf(ok) } : { failure: failureOf(err) }), description: (it) => ({ description: descriptionOf(it) }) };

/** Makes the page's form of the answer to a call: `text`, `document` or `description`. */
export const answerOf = (types, it, as, { milliseconds, result, trap }) => {
  if (trap !== undefined) return { milliseconds, trap: brief(trap) };
  if (as !== 'text') return { milliseconds, ...FORMS[as](result) };
  return { milliseconds, text: result === undefined ? '' : cut(layout(written(types, it.result, result))) };
};

const withoutSelf = (it) => (it.kind === 'method' ? { ...it, parameters: it.parameters.slice(1) } : it);

/** Returns the call as a statement, as `plugwright call` writes it. */
export const statementOf = (types, it, values, after = []) => {
  if (it.kind !== 'method') return cut(call(types, it, it.path, values, '', after));
  return cut(call(types, withoutSelf(it), `${values[0].handle}.${it.name}`, values.slice(1), '', after));
};

const pair = (text) => (/^[^\s"=\p{C}]+$/u.test(text) ? text : `"${visible(text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))}"`);

/** Makes a line about what happened meanwhile. Its `kind` is `log`, with a `level`, `written` or `asked`. */
export const lineOf = (types, { log, written: line, asked }) => {
  if (line) return { kind: 'written', text: cut(`${line.stream} ${visible(line.text)}`) };
  if (log) {
    const pairs = log.fields.map(([key, text]) => ` ${visible(key)}=${pair(text)}`).join('');
    return { kind: 'log', level: log.level, text: cut(`${log.level} ${visible(log.message)}${pairs}`) };
  }
  const it = types.imports.flatMap(({ functions }) => functions).find(({ path, interface: from }) => path === asked.path && from === asked.interface);
  const after = asked.result === undefined ? [] : [' = ', written(types, it.result, asked.result)];
  return { kind: 'asked', path: asked.path, text: statementOf(types, it, asked.values, after) };
};
