import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Whether a response has begun on a connection. A second response would corrupt it.
 *
 * Relies on `_httpMessage`, in which Node's HTTP server keeps the current response of a socket. It is not documented;
 * Node's own handler of client errors reads it, too.
 */
export const hasResponseBegun = (socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean =>
  socket._httpMessage?.headersSent ?? false;
