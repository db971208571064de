export { type CapabilityName, capabilityNames } from './capabilities/capability.ts';
export type { RandomCapability, StorageCapability } from './capabilities/host-services.ts';
export type { HttpGrant, ResolvedAddress } from './capabilities/http/http-grant.ts';
export { defaultJavaScriptLimits, type JavaScriptLimits } from './default-limits.ts';
export type { JavaScriptCall, JavaScriptExecutionOptions, JavaScriptResult } from './javascript-call.ts';
export { OcclumJavaScriptExecution } from './javascript-execution.ts';
export { resolveLimits } from './limits.ts';
export type { LogLevel, LogLine } from './outcome.ts';
export type { EngineStats } from './sandbox-engine.ts';
