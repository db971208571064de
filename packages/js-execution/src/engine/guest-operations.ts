/** What the prelude tells and asks the host, by number, in every engine: as tools/guest/captured.js has it. */
export const guestOperations = {
  ...({ log: 0, result: 1, notSerializable: 2, resultTooLong: 3, noMain: 4, capability: 5, request: 6 } as const),
  missingSecret: 7,
} as const;
