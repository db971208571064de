export { type CapabilityName, capabilityNames } from './capabilities/capability.ts';
export {
  type JavaScriptCall,
  type JavaScriptExecutionOptions,
  type JavaScriptResult,
  OcclumJavaScriptExecution,
} from './javascript-execution.ts';
export { defaultJavaScriptLimits, type JavaScriptLimits, resolveLimits } from './limits.ts';
export type { LogLevel, LogLine } from './outcome.ts';
export type { EngineStats } from './sandbox-engine.ts';
