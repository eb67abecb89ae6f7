// The contract in TypeScript, which `jco guest-types` made of wit/: how, the README says.
declare module 'plugwright:plugin/host@0.2.0' {
  /**
   * Writes one line to the host's log. The host adds which plugin wrote it.
   *
   * Put variable values into `fields` and keep `message` constant, so that lines can be
   * found and counted.
   */
  export function log(level: Level, message: string, fields: Array<Field>): void;
  /**
   * Writes one line at level `info` with the pairs of `properties` as its fields.
   *
   * The map goes back to the host: the plugin can no longer use it.
   */
  export function logStructured(message: string, properties: MapResource): void;
  /**
   * The severity of a log line, from lowest to highest.
   * # Variants
   *
   * ## `"trace"`
   *
   * Every step, for debugging the plugin itself.
   * ## `"debug"`
   *
   * Details that help to understand one run.
   * ## `"info"`
   *
   * Events that an operator wants to see in a normal run.
   * ## `"warn"`
   *
   * Something unexpected happened, and the plugin continues.
   * ## `"error"`
   *
   * Something failed.
   */
  export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /**
   * One named value of a log line.
   */
  export interface Field {
    /**
     * The name, by convention in `kebab-case`.
     */
    key: string,
    /**
     * The value as text.
     */
    value: string,
  }

  export class MapResource implements Disposable {
    /**
    * Makes a map in the host from key-value pairs.
    */
    constructor(entries: Array<[string, string]>)
    /**
    * Takes all pairs out of the map, in order, and leaves it empty.
    */
    take(): Array<[string, string]>;
    /**
    * How many pairs the map holds.
    */
    length(): number;
    [Symbol.dispose](): void;
  }
}
declare module 'plugwright:plugin/transform@0.2.0' {
  /**
   * Describes the plugin. The answer is always the same.
   */
  export function describe(): Description;
  /**
   * Turns `input` into another document, with the plugin's defaults for the options that
   * are not in `options`.
   *
   * If an option is set twice, the last value counts. The result depends only
   * on the arguments.
   */
  export function transform(input: Document, options: Array<Setting>): Document;
  /**
   * A named value that travels with a document, such as its title or its author.
   */
  export interface Attribute {
    /**
     * The name, unique within the document.
     */
    key: string,
    /**
     * The value as text.
     */
    value: string,
  }
  /**
   * A document: bytes, and what is known about them.
   */
  export interface Document {
    /**
     * The name of the document, usually a file name without its folder. It is never a path
     * that the plugin could open.
     */
    name: string,
    /**
     * The media type of the body, such as `text/markdown`.
     */
    mediaType: string,
    /**
     * The content. Text is UTF-8 unless the media type says otherwise.
     */
    body: Uint8Array,
    /**
     * Further attributes. A plugin keeps the attributes that it does not understand.
     */
    attributes: Array<Attribute>,
  }
  /**
   * One option that the caller sets.
   */
  export interface Setting {
    /**
     * The name, one of those in `description.options`.
     */
    key: string,
    /**
     * The value as text.
     */
    value: string,
  }
  /**
   * A place in a text. Both numbers count from 1.
   */
  export interface Location {
    /**
     * The line.
     */
    line: number,
    /**
     * The column within the line, in characters (Unicode scalar values).
     */
    column: number,
  }
  /**
   * What is wrong with a document.
   */
  export interface InvalidInput {
    /**
     * A sentence for the author of the document: lowercase, no final period.
     */
    message: string,
    /**
     * The place of the mistake, if it is known.
     */
    at?: Location,
  }
  /**
   * What is wrong with an option.
   */
  export interface BadOption {
    /**
     * The option's name.
     */
    key: string,
    /**
     * The values that it takes: lowercase, no final period.
     */
    message: string,
    /**
     * The place of the mistake in the value, if the value is a text with lines, such as a filter
     * or a template.
     */
    at?: Location,
  }
  /**
   * Why a plugin returns no document. Each case says who can fix the problem.
   */
  export type Failure = FailureInvalidInput | FailureUnknownOption | FailureBadOption | FailureInternal;
  /**
   * The document is not valid for its media type. Its author can fix it.
   */
  export interface FailureInvalidInput {
    tag: 'invalid-input',
    val: InvalidInput,
  }
  /**
   * There is no option of this name. The caller can fix it.
   */
  export interface FailureUnknownOption {
    tag: 'unknown-option',
    val: string,
  }
  /**
   * The option exists, but does not take this value. The caller can fix it.
   */
  export interface FailureBadOption {
    tag: 'bad-option',
    val: BadOption,
  }
  /**
   * The plugin has a bug. Its author can fix it.
   */
  export interface FailureInternal {
    tag: 'internal',
    val: string,
  }
  /**
   * One option that a plugin takes.
   */
  export interface OptionDescription {
    /**
     * The name, by convention in `kebab-case`.
     */
    key: string,
    /**
     * The value that is used if the caller sets none.
     */
    'default': string,
    /**
     * What the option does and which values it takes, in one sentence.
     */
    help: string,
  }
  /**
   * The description of a plugin.
   */
  export interface Description {
    /**
     * The plugin's name.
     */
    name: string,
    /**
     * The plugin's version, as in semantic versioning.
     */
    version: string,
    /**
     * What the plugin does, in one sentence.
     */
    summary: string,
    /**
     * The media types that it takes. `*\/*` stands for any.
     */
    takes: Array<string>,
    /**
     * The media types that it returns. `*\/*` stands for the media type of the input.
     */
    gives: Array<string>,
    /**
     * The options that it takes, in the order in which a person should read them.
     */
    options: Array<OptionDescription>,
  }
}
