// Writes values as text in WAVE, with the layout of `plugwright call`.

/** The longest line, in characters. */
const COLUMNS = 98;
/** The longest list of bytes that is written out, in bytes. */
const SHORT = 64;
/** The keywords of WAVE. A name that is a keyword is written with `%`. */
const WORDS = new Set(['true', 'false', 'some', 'none', 'ok', 'err', 'inf', 'nan']);

/** Characters that are invisible, or change the direction of the text. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\u{e0000}-\u{e0fff}]/gu;

const NAMED = new Map([['\n', '\\n'], ['\r', '\\r'], ['\t', '\\t']]);

const escaped = (c) => NAMED.get(c) ?? `\\u{${c.codePointAt(0).toString(16)}}`;

const isJoiner = (c) => c === '\u200c' || c === '\u200d';
const isSelector = (c) => c === '\ufe0e' || c === '\ufe0f';

/** Returns the character before this place. */
const before = (text, at) => (/[\udc00-\udfff]/.test(text[at - 1] ?? '') ? text.slice(at - 2, at) : (text[at - 1] ?? '\0'));

/** Returns whether a joiner or a selector is shown after the character before it, by the same rule as in the command: it joins letters or emoji, or selects their form. */
const isShown = (c, at, text) => {
  if (isJoiner(c)) return before(text, at).codePointAt(0) >= 0x600 && !isJoiner(before(text, at));
  return isSelector(c) && !isSelector(before(text, at));
};

/** Escapes the hidden characters of a text for a single line. */
export const visible = (text) => text.replace(HIDDEN, (c, at) => (isShown(c, at, text) ? c : escaped(c)));

/** Escapes the hidden characters of a text, except line ends and tabs. */
export const visibleLines = (text) => text.replace(HIDDEN, (c, at) => (c === '\n' || c === '\t' || isShown(c, at, text) ? c : escaped(c)));

const quoted = (text, quote) => visible(text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`));

const lines = (text) => text.split('\n').map((line) => visible(line.replaceAll('\\', '\\\\')).replace(/"(?=")/g, '"\\'));

/** Makes a group of parts between brackets, which is laid out later. */
const group = (open, parts, close) => ({ open, parts, close });

const isText = (text) => !/[\p{Cc}]/u.test(text.replace(/[\n\r\t]/g, ''));

const string = (text) => ({ text });

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const bytesOf = (bytes) => {
  try {
    const text = decoder.decode(bytes);
    if (isText(text)) return ['utf8(', string(text), ')'];
  } catch {
    // The bytes are not text.
  }
  if (bytes.length > SHORT) return [`<${bytes.length} bytes>`];
  return [`hex("${Array.from(bytes, (it) => it.toString(16).padStart(2, '0')).join('')}")`];
};

const label = (name) => (WORDS.has(name) ? `%${name}` : name);

/** Returns the text of a number without an exponent. */
const plain = (text) => {
  const [, sign, whole, part = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([-+]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const [digits, point] = [whole + part, whole.length + Number(exponent)];
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return sign + (digits.length > point ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits.padEnd(point, '0'));
};

/** Returns the shortest text that reads as the same 32-bit number. */
const single = (it) => {
  for (let precision = 1; precision < 9; precision += 1) {
    const text = it.toPrecision(precision);
    if (Math.fround(Number(text)) === it) return String(Number(text));
  }
  return String(it);
};

const number = (it, kind) => {
  if (Number.isNaN(it)) return 'nan';
  if (!Number.isFinite(it)) return it > 0 ? 'inf' : '-inf';
  if (Object.is(it, -0)) return '-0';
  return plain(kind === 'f32' ? single(it) : String(it));
};

/**
 * Returns a value of the type as texts, groups, and lists of both. A handle is `{ handle: "name#1" }`.
 */
export const written = (types, reference, value) => {
  const type = types.type(reference);
  const inner = (reference, value) => written(types, reference, value);
  const holding = (name, reference, value) => (reference === null ? [name] : [`${name}(`, inner(reference, value), ')']);
  switch (type.kind) {
    case 'f32':
    case 'f64':
      return [number(value, type.kind)];
    case 'char':
      return [`'${quoted(value, "'")}'`];
    case 'string':
      return [string(value)];
    case 'list':
      if (types.type(type.of).kind === 'u8' && value.length > 0) return bytesOf(value);
      return [group('[', Array.from(value, (it) => inner(type.of, it)), ']')];
    case 'tuple':
      return [group('(', type.types.map((it, index) => inner(it, value[index])), ')')];
    case 'record':
      return [group('{', type.fields.map(([name, it]) => [`${name}: `, inner(it, value[name])]), '}')];
    case 'variant': {
      const [, of] = type.cases.find(([name]) => name === value.tag);
      return holding(label(value.tag), of, value.val);
    }
    case 'enum':
      return [label(value)];
    case 'flags':
      return [`{${value.join(', ')}}`];
    case 'option':
      return value === null ? ['none'] : holding('some', type.of, value.some);
    case 'result':
      return 'ok' in value ? holding('ok', type.ok, value.ok) : holding('err', type.err, value.err);
    case 'own':
    case 'borrow':
      return [value.handle];
    default:
      return [String(value)];
  }
};

const inLine = (it) => {
  if (typeof it === 'string') return it;
  if (Array.isArray(it)) return it.map(inLine).join('');
  if ('text' in it) return `"${quoted(it.text, '"')}"`;
  return it.open + it.parts.map(inLine).join(', ') + it.close;
};

const length = (text) => Array.from(text).length;

/** Lays the parts out, on one line if they fit, and returns the text and its last column. */
const layOut = (it, depth, column) => {
  const end = (text) => (text.includes('\n') ? length(text.slice(text.lastIndexOf('\n') + 1)) : column + length(text));
  if (typeof it === 'string') return [it, column + length(it)];
  if (Array.isArray(it)) {
    let all = '';
    for (const part of it) {
      const [text, after] = layOut(part, depth, column);
      all += text;
      column = after;
    }
    return [all, column];
  }
  if ('text' in it) {
    const indent = '  '.repeat(depth + 1);
    const text = it.text.includes('\n') ? `"""\n${lines(it.text).map((line) => indent + line).join('\n')}\n${indent}"""` : inLine(it);
    return [text, end(text)];
  }
  const whole = inLine(it);
  // One column stays free for a comma.
  if (length(whole) <= COLUMNS - column - 1) return [whole, column + length(whole)];
  const indent = '  '.repeat(depth + 1);
  const parts = it.parts.map((part) => `\n${indent}${layOut(part, depth + 1, indent.length)[0]},`);
  const text = it.open + parts.join('') + (parts.length > 0 ? `\n${'  '.repeat(depth)}` : '') + it.close;
  return [text, end(text)];
};

/** Lays a written value out on one line if it fits, or else on several lines. */
export const layout = (it) => {
  const line = inLine(it);
  return length(line) <= COLUMNS ? line : layOut(it, 0, 0)[0];
};

/** Writes a call of the function with these arguments, between the parts `before` and `after`. */
export const call = (types, { parameters }, name, values, before = '', after = []) => {
  const parts = parameters.map(([, type], index) => written(types, type, values[index]));
  return layout([before, name, group('(', parts, ')'), ...after]);
};
