export { type ConnectRaTlsOptions, connectRaTls, type RaTlsConnection } from './connect-ra-tls.ts';
export { createRaTlsServer, createRaTlsServerOptions, type RaTlsServerOptions } from './create-ra-tls-server.ts';
export { verifyRaTlsPeer } from './verify-ra-tls-peer.ts';
