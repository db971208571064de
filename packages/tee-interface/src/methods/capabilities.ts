/** What a function may be granted by name beyond the language and `console`. */
export const functionCapabilities = ['crypto', 'timers', 'eval'] as const;

/** One of {@link functionCapabilities}. */
export type FunctionCapability = (typeof functionCapabilities)[number];
