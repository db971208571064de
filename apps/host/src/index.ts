export { main } from './cli/main.ts';
export { type RelayOptions, startRelay } from './relay/relay-server.ts';
export { type EnclaveEvent, SupervisedEnclave } from './relay/supervised-enclave.ts';
