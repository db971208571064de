import { existsSync } from 'node:fs';
import { type ITeeInterface, type JsonValue, jsonValueSchema } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import { readTextFile, usage } from '../cli/arguments.ts';
import { inOwnSource } from '../functions/in-own-source.ts';
import { keepSource } from '../functions/kept-source.ts';
import { readFunction } from '../functions/read-function.ts';
import type { FunctionFile } from './function-files.ts';

/** What became of a function that was saved. */
export interface Deployed {
  functionId: string;
  version: number;
  functionHash: string;
  /** What the example of a call came to; null without one. */
  outcome: { result: JsonValue; gasUsed: number; logs: string[] } | null;
}

const exampleSchema = z.strictObject({
  input: jsonValueSchema.default(null),
  secrets: z.record(z.string(), jsonValueSchema).default({}),
});

/** Deploys those functions of a project that are not deployed as they are. */
export class ChangedFunctions {
  readonly #deployed = new Map<string, string>();
  readonly #home: string;

  /** @param home TEE_HOME */
  constructor(home: string) {
    this.#home = home;
  }

  /**
   * Reads a function, deploys it if it is another one than before, and calls it as its example says. Secrets of the example
   * that the user does not have yet are set.
   * @returns null when nothing changed
   * @throws {TeeError} what reading, deploying and the call throw
   */
  async deploy(tee: ITeeInterface, { functionId, file, example }: FunctionFile): Promise<Deployed | null> {
    const { parts, bundle } = await readFunction(file);
    const call = readExample(example);
    const content = JSON.stringify([parts, call]);
    if (this.#deployed.get(functionId) === content) return null;
    const { version, functionHash } = await tee.deployFunction({ ...parts, functionId });
    this.#deployed.set(functionId, content);
    if (bundle !== null) keepSource(this.#home, functionId, bundle);
    await setMissing(tee, call?.secrets ?? {});
    const invocation = { functionId, input: call?.input ?? null };
    const outcome =
      call &&
      (await tee.invokeFunction(invocation).catch((error: unknown) => {
        throw inOwnSource(error, bundle);
      }));
    return {
      ...{ functionId, version, functionHash },
      outcome: outcome && {
        result: outcome.result,
        gasUsed: outcome.gasUsed,
        logs: outcome.logs.map(({ level, message }) => `${level}: ${message}`),
      },
    };
  }
}

async function setMissing(tee: ITeeInterface, secrets: Record<string, JsonValue>): Promise<void> {
  const there = new Set((await tee.listSecrets({})).map(({ name }) => name));
  for (const [name, value] of Object.entries(secrets)) {
    if (!there.has(name)) await tee.setSecret({ name, value });
  }
}

function readExample(file: string) {
  if (!existsSync(file)) return null;
  try {
    return exampleSchema.parse(JSON.parse(readTextFile(file)));
  } catch (cause) {
    throw usage(`${file} is no example of a call: it wants { "input": …, "secrets": { … } }.`, cause);
  }
}
