import { defaultJavaScriptLimits } from '@neo-service-layer/js-execution';
import type { JavaScriptCall } from '@neo-service-layer/tee-interface';

/** The limits that a call asks for, and where it names none the sandbox's: what it runs under, and what its receipt says. */
export function callLimits({ limits = {} }: JavaScriptCall): { timeoutMs: number; memoryBytes: number; gas: number } {
  const { timeoutMs, memoryBytes, gas } = defaultJavaScriptLimits;
  return {
    timeoutMs: limits.timeoutMs ?? timeoutMs,
    memoryBytes: limits.memoryBytes ?? memoryBytes,
    gas: limits.gas ?? gas,
  };
}
