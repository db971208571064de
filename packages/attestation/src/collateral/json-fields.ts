import { TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { parseUtcDate } from '../bytes/utc-seconds.ts';

/** More levels, modules or advisories than any document of Intel's has. */
const maxItems = 256;

/**
 * Reads the members of a JSON object of Intel's, each with the type it must have; the first that is wrong is named in
 * the error. By hand rather than by a schema library: a document has hundreds of members, and describing them to one
 * takes longer than checking the signature over them.
 */
export class JsonFields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #code: TeeErrorCode;
  readonly #parent: JsonFields | null;
  readonly #name: string;

  /**
   * @param parent what the object is a member of, with its name there: for messages
   * @throws {TeeError} `code` when the value is no object
   */
  constructor(value: unknown, code: TeeErrorCode, parent: JsonFields | null = null, name = '') {
    if (!isObject(value)) throw malformed(code, parent?.pathOf(name) ?? 'the top', 'an object');
    this.#object = value;
    this.#code = code;
    this.#parent = parent;
    this.#name = name;
  }

  /** Where a member stands in the document. */
  pathOf(name: string): string {
    return this.#parent === null ? name : `${this.#parent.pathOf(this.#name)}.${name}`;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  /** A fault of this member. */
  fault(name: string, expected: string): TeeError {
    return malformed(this.#code, this.pathOf(name), expected);
  }

  /** Hex of a fixed number of bytes in either case; read as lower case. */
  hex(name: string, bytes: number): string {
    const value = this.#own(name);
    if (typeof value !== 'string' || value.length !== 2 * bytes || !/^[0-9a-fA-F]*$/.test(value)) {
      throw this.fault(name, `${bytes} bytes as hex`);
    }
    return value.toLowerCase();
  }

  /** A date-time in UTC that exists in the calendar, as Intel writes it. */
  date(name: string): string {
    const value = this.#own(name);
    if (typeof value === 'string' && parseUtcDate(value) !== null) return value;
    throw this.fault(name, 'a date-time like 2024-03-13T00:00:00Z');
  }

  /** Unix seconds of a {@link date}. */
  seconds(name: string): number {
    return parseUtcDate(this.date(name)) ?? 0;
  }

  /** An integer from 0 to `max`. */
  integer(name: string, max: number): number {
    const value = this.#own(name);
    if (isIntegerUpTo(value, max)) return value;
    throw this.fault(name, `an integer from 0 to ${max}`);
  }

  /** One of these strings or numbers. An unknown one is refused, since nobody can say what it means. */
  oneOf<T extends string | number>(name: string, allowed: readonly T[]): T {
    const value = this.#own(name);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw this.fault(name, allowed.join(' or '));
    return found;
  }

  /** A string of up to `max` characters; null when the member is not there. */
  optionalString(name: string, max: number): string | null {
    const value = this.#own(name);
    if (value === undefined) return null;
    if (typeof value !== 'string' || value.length > max) throw this.fault(name, `up to ${max} characters`);
    return value;
  }

  object(name: string): JsonFields {
    return new JsonFields(this.#own(name), this.#code, this, name);
  }

  /** A list of `min` to 256 objects. */
  objects(name: string, min: number): JsonFields[] {
    return this.#list(name, min, maxItems).map((item, i) => new JsonFields(item, this.#code, this, `${name}.${i}`));
  }

  /** A list of strings; Intel leaves the member out when there are none. */
  strings(name: string): string[] {
    if (!this.has(name)) return [];
    return this.#list(name, 0, maxItems).map((item) => {
      if (typeof item !== 'string' || item.length > 64) throw this.fault(name, 'strings of up to 64 characters');
      return item;
    });
  }

  /** A list of exactly `length` objects, the SVNs of TCB components: `svn` in each is one byte. */
  svns(name: string, length: number): number[] {
    const svns: number[] = [];
    for (const item of this.#list(name, length, length)) {
      const svn = isObject(item) ? item['svn'] : undefined;
      if (!isIntegerUpTo(svn, 255)) throw this.fault(name, `${length} components, each with an svn of one byte`);
      svns.push(svn);
    }
    return svns;
  }

  #list(name: string, min: number, max: number): readonly unknown[] {
    const value = this.#own(name);
    if (Array.isArray(value) && value.length >= min && value.length <= max) return value;
    throw this.fault(name, min === max ? `a list of ${min} items` : `a list of ${min} to ${max} items`);
  }

  #own(name: string): unknown {
    return this.has(name) ? this.#object[name] : undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIntegerUpTo(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}

function malformed(code: TeeErrorCode, path: string, expected: string): TeeError {
  return new TeeError(code, 'The document is malformed.', {
    expected,
    actual: `something else at ${path || 'the top'}`,
  });
}
