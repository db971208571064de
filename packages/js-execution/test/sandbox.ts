import type { JsonValue } from '@neo-service-layer/tee-interface';
import { afterAll } from 'vitest';
import { type JavaScriptCall, type JavaScriptExecutionOptions, OcclumJavaScriptExecution } from '../src/index.ts';

/** A call with everything that a test does not care about filled in. */
export function callOf(code: string, rest: Partial<JavaScriptCall> = {}): JavaScriptCall {
  return { code, input: null, secrets: {}, functionId: 'f', userId: 'u', ...rest };
}

/** A sandbox for the tests of one file, closed after them. */
export async function sandbox(options: JavaScriptExecutionOptions = {}): Promise<OcclumJavaScriptExecution> {
  const execution = await OcclumJavaScriptExecution.create({ workers: 1, ...options });
  afterAll(() => execution.close());
  return execution;
}

/** The result of a function that is expected to work. */
export async function resultOf(
  execution: OcclumJavaScriptExecution,
  code: string,
  rest: Partial<JavaScriptCall> = {},
): Promise<JsonValue> {
  return (await execution.executeJavaScript(callOf(code, rest))).result;
}
