import { runReadmeExamples } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';

describe('the README', () => {
  it('has an example that runs and prints a refusal with its check', () => {
    const [run, ...more] = runReadmeExamples(import.meta.url);
    expect(more).toEqual([]);
    expect(run?.exitCode).toBe(0);
    expect(run?.output).toContain('false ERR_QUOTE_FORMAT');
    expect(run?.output).toContain('quote.format false ERR_QUOTE_FORMAT');
  });
});
