/** Codes of the attested channel, the client and the host link. */
export const channelErrors = {
  ERR_EVIDENCE_REJECTED: 'The enclave could not prove what the policy demands; the verdict is attached.',
  ERR_EVIDENCE_BINDING: 'The quote does not commit to the claims it came with.',
  ERR_EVIDENCE_STALE: 'The evidence is older than the enclave itself allows; ask for it again.',
  ERR_CHANNEL_PROTOCOL: 'A message does not follow tee-channel/1.',
  ERR_CHANNEL_VERSION: 'The two ends share no protocol version or cipher suite.',
  ERR_CHANNEL_AUTH: 'A message was not made by the attested enclave, or not for this session.',
  ERR_CHANNEL_SESSION: 'The session is unknown to the enclave: expired, or from before a restart.',
  ERR_CHANNEL_AUDIENCE: 'The client means a service of another name than this enclave.',
  ERR_CHANNEL_STREAM: 'A stream was used against its rules, or is gone.',
  ERR_CHANNEL_CANCELLED: 'The call was given up by one of the ends.',
  ERR_TRANSPORT: 'The relay could not be reached or answered with something else.',
  ERR_LINK_PROTOCOL: 'A frame on the host link does not follow its framing.',
  ERR_LINK_CLOSED: 'The host link closed while a call was in flight.',
} as const;
