import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Whether bytes of a response are out on the connection, which a second one would garble.
 *
 * Relies on `_httpMessage`, where Node's HTTP server keeps the response that a socket is being used for. It is not documented;
 * Node's own handler of client errors reads the same property.
 */
export const hasResponseBegun = (socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean =>
  socket._httpMessage?.headersSent ?? false;
