/**
 * What a schema must be able to do here: check a value (Standard Schema, version 1). Schemas of `zod` and `zod/mini` do;
 * the contract of a function can be written down for these two only.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Checked<Output> | Promise<Checked<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What came of a check: the value, or what is wrong with it and where. */
export type Checked<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** One thing that is wrong. */
export interface Issue {
  readonly message: string;
  /** Which type was wanted, where the schema says it. */
  readonly expected?: string | undefined;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes. */
export type InputOf<S extends Schema> = NonNullable<S['~standard']['types']>['input'];

/** What it gives. */
export type OutputOf<S extends Schema> = NonNullable<S['~standard']['types']>['output'];
