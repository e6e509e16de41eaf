/**
 * Whether the calls of a change may still be sent. A process can be paused between its last check and the moment that a connection is
 * ready; by then, another replica may have changed the user.
 */
export interface SendGuard {
  /** Called when a connection is ready, immediately before the first byte is written. If false, the call fails and nothing is sent. */
  maySend(): boolean;
  /** Called when Logto itself has responded to a call that was sent: the call has no further effect. */
  onResponse(): void;
}
