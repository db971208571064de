export { encodeLinkFrame, type LinkFrame, LinkFrameReader, maxFrameBytes } from './frame.ts';
export { type ByteStream, HostLink, type LinkHandler } from './link.ts';
export { linkCalls, linkNotices } from './vocabulary.ts';
