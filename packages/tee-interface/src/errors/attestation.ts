/** Codes of parsing, verifying and appraising evidence. */
export const attestationErrors = {
  ERR_QUOTE_FORMAT: 'The bytes are not a quote of a supported version, or a length in it points outside of it.',
} as const;
