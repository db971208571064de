export { main } from './cli/main.ts';
export { KeptEnclave } from './relay/kept-enclave.ts';
export { type RelayOptions, startRelay } from './relay/relay-server.ts';
