import type * as z from 'zod';

/** One row of the method table. */
export interface Method<Input, Output> {
  /** One sentence for people and generated documents. */
  summary: string;
  /**
   * Where it is evaluated: `enclave` sends it through the channel; `caller` stays in the caller's process, because the
   * answer depends on the caller (its trust anchors, its clock) or is about its own connection.
   */
  runs: 'enclave' | 'caller';
  /**
   * Who may call it: `public`, anybody, signed in or not; `caller`, whoever signed in, and others where the measured
   * configuration admits anonymous callers; `user`, whoever signed in; `administrator`, the keys that the configuration names.
   */
  access: 'public' | 'caller' | 'user' | 'administrator';
  /** Validated by the enclave's dispatcher before anything else sees the parameters. */
  input: z.ZodType<Input>;
  /** Validated by the client: an answer of another shape is an error. */
  output: z.ZodType<Output>;
}

/** Declares a row; exists so that each row keeps its own input and output types. */
export function method<Input, Output>(row: Method<Input, Output>): Method<Input, Output> {
  return row;
}
