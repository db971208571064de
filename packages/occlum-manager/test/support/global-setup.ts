import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { generateSigningKey } from '../../src/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    signingKey: string;
    otherKey: string;
  }
}

/** Makes the signing keys for all tests of a run. vitest wants a function called `setup`. */
export async function setup(project: TestProject): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signing-key-'));
  try {
    const [one, other] = await Promise.all(
      ['one.pem', 'other.pem'].map((name) => generateSigningKey(join(folder, name))),
    );
    project.provide('signingKey', readFileSync(one?.file ?? '', 'utf8'));
    project.provide('otherKey', readFileSync(other?.file ?? '', 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
