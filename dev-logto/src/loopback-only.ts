import type { IncomingMessage } from 'node:http';

/** `localhost` and names below it (RFC 6761 section 6.3), 127.0.0.0/8 and ::1. */
const LOOPBACK = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

const hostnameOf = (url: string): string | undefined => {
  try {
    return new URL(url).hostname;
  } catch {
    return undefined;
  }
};

/**
 * Whether a request is for a loopback host name. A browser sends the host name that a page was loaded from, so a site whose name is
 * rebound to 127.0.0.1 (DNS rebinding) cannot read tokens or the mailbox.
 */
export const isForLoopback = ({ headers: { host = '' } }: IncomingMessage): boolean =>
  LOOPBACK.test(hostnameOf(`http://${host}`) ?? '');

/** Whether a page of another machine sent the request. Pages on loopback, such as the app under development, may call. */
export function isCrossSite({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin } = headers;
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  return origin !== undefined && !LOOPBACK.test(hostnameOf(origin) ?? '');
}
